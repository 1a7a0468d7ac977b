zps_add_test(test_material unit LINK zps_tables)
zps_add_test(test_stopping_power unit LINK zps_tables PkgConfig::GSL PkgConfig::XXHASH)
zps_add_test(test_emission_lanes unit LINK zps_tables)
zps_add_test(test_table_sets unit LINK zps_tables)
