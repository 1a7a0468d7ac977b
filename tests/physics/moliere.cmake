zps_add_test(test_moliere_sample physics LINK zps_tables PkgConfig::GSL)
set_tests_properties(test_moliere_sample PROPERTIES LABELS "physics;slow")
