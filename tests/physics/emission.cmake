zps_add_test(test_amplitude physics LINK zps_tables PkgConfig::GSL)
# Its 113-bit numbers meet constants written as long double, on purpose.
set_source_files_properties(test_amplitude.c PROPERTIES COMPILE_OPTIONS -Wno-double-promotion)
zps_add_test(test_sigma physics LINK zps_tables PkgConfig::GSL)
zps_add_test(test_emission_sample physics LINK zps_tables PkgConfig::GSL)
