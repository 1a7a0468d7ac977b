zps_add_test(test_cls_toys physics LINK zps_stats)
zps_add_test(test_annihilation physics LINK zps_stats PkgConfig::GSL)
zps_add_test(test_relic physics LINK zps_stats PkgConfig::GSL)
