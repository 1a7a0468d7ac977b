zps_add_test(test_field_dipole unit LINK zps_field)
zps_add_test(test_field_load unit LINK zps_field)
zps_add_test(test_field_native_map unit LINK zps_field)
