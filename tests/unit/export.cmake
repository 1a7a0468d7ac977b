foreach(test sha256 document_text limit_table)
  zps_add_test(test_${test} unit LINK zps_export)
endforeach()
zps_add_test(test_overlay unit LINK zps_plot)
