zps_add_test(test_interval unit LINK zps_stats)
zps_add_test(test_widths unit LINK zps_stats)
