zps_add_test(test_plot unit LINK zps_plot zps_stats)
zps_add_test(test_figure unit LINK zps_plot)
zps_add_test(test_legend unit LINK zps_plot)
zps_add_test(test_picture unit LINK zps_plot)
