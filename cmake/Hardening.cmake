# What a program is compiled and linked with that reads files of strangers: addresses that nobody can foretell, fixed tables of functions,
# stacks and copies that end the process where they overrun. No bit depends on it. Sanitizers look for the same, and say more.
if(NOT TAILBIT_SANITIZE)
  target_compile_options(tailbit_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fPIE;-fstack-protector-strong>
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2>)
  target_link_options(tailbit_flags INTERFACE -pie LINKER:-z,relro,-z,now,-z,noexecstack)
endif()
