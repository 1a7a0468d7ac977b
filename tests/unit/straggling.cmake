zps_add_test(test_straggling unit LINK zps_tables PkgConfig::GSL PkgConfig::XXHASH)
