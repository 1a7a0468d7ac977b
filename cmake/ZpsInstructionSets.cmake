# zps_add_per_instruction_set(name source options...): object libraries name_base and, on x86, name_v2, name_v3 and
# name_v4 of one source, with ZPS_ISA naming the set; the best is chosen at run time (host/instruction_set.h).
# Sets name_OBJECTS.
function(zps_add_one_instruction_set name isa source)
  add_library(${name}_${isa} OBJECT ${source})
  target_link_libraries(${name}_${isa} PUBLIC zps_flags)
  target_compile_definitions(${name}_${isa} PRIVATE ZPS_ISA=${isa})
  target_compile_options(${name}_${isa} PRIVATE ${ARGN})
endfunction()

function(zps_add_per_instruction_set name source)
  set(isas base)
  zps_add_one_instruction_set(${name} base ${source} ${ARGN})
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    list(APPEND isas v2 v3 v4)
    zps_add_one_instruction_set(${name} v2 ${source} ${ARGN} -march=x86-64-v2)
    zps_add_one_instruction_set(${name} v3 ${source} ${ARGN} -march=x86-64-v3)
    # 256-bit vectors: 512 bits do not speed up the f64 gathers of the engine's lanes, and the clock stays up.
    zps_add_one_instruction_set(${name} v4 ${source} ${ARGN} -march=x86-64-v4 -mprefer-vector-width=256)
  endif()
  list(TRANSFORM isas REPLACE "(.+)" "$<TARGET_OBJECTS:${name}_\\1>" OUTPUT_VARIABLE objects)
  set(${name}_OBJECTS "${objects}" PARENT_SCOPE)
endfunction()
