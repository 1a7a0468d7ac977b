zps_add_test(test_field_interpolation physics LINK zps_field)
zps_add_test(test_x_min physics LINK zps_plan zps_engine)
zps_add_test(test_pilot physics LINK zps_plan zps_engine zps_stats)
zps_add_test(test_vertex_sigma physics LINK zps_plan zps_engine zps_io zps_stats zps_tables)
