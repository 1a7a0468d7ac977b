/* Reader of tests/physics/sigma_160GeV_Pb.csv, the independent reference of README.md. */
#ifndef ZPS_SIGMA_CSV_H
#define ZPS_SIGMA_CSV_H

#include <stddef.h>
#include <stdio.h>

#define SIGMA_CSV_ROWS 27
#define SIGMA_CSV_COLUMNS 17

enum sigma_csv_column {
  CSV_MASS_MEV = 0,
  CSV_SIGMA_WW_A = 1,
  CSV_SIGMA_IWW = 4,
  CSV_SIGMA_ETL = 5,
  CSV_FRACTION_X5 = 8,
  CSV_MEAN_X = 9,
  CSV_PSI_50 = 10,
  CSV_PSI_16 = 11,
  CSV_PSI_84 = 12,
  CSV_PSI_50_X5 = 13,
  CSV_PSI_16_X5 = 14,
  CSV_PSI_84_X5 = 15
};

/** Reads the file (the working folder is the top of the tree); 1 if it holds exactly the rows expected. */
static inline int sigma_csv_read(double row[SIGMA_CSV_ROWS][SIGMA_CSV_COLUMNS]) {
  FILE *const file = fopen("tests/physics/sigma_160GeV_Pb.csv", "r");
  char header[512];
  char rest;
  if (file == NULL) {
    return 0;
  }
  int good = fgets(header, (int)sizeof header, file) != NULL;
  for (size_t n = 0; good && n < SIGMA_CSV_ROWS; n++) {
    for (int c = 0; good && c < SIGMA_CSV_COLUMNS; c++) {
      good = fscanf(file, c == 0 ? "%lf" : ",%lf", &row[n][c]) == 1;
    }
  }
  good = good && fscanf(file, " %c", &rest) == EOF;
  fclose(file);
  return good;
}

#endif
