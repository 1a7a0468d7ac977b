zps_add_test(test_energy_tails physics LINK zps_tables PkgConfig::GSL)
set_tests_properties(test_energy_tails PROPERTIES LABELS "physics;slow")
