# Writes a C++ source that holds configs/schema/*.json, so that the program needs no file to check and print them.
# run-1.json becomes the schema "tailbit.run/1".
function(tailbit_embed_schemas out)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/configs/schema/*.json)
  set(table "")
  foreach(file ${files})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME)
    if(NOT name MATCHES "^([a-z]+)-([0-9]+)\\.json$")
      message(FATAL_ERROR "configs/schema/${name}: name a schema FORMAT-VERSION.json")
    endif()
    file(READ ${file} text)
    string(APPEND table "    {\"tailbit.${CMAKE_MATCH_1}/${CMAKE_MATCH_2}\", R\"schema(${text})schema\"},\n")
  endforeach()
  set(source "// Made by cmake/Schemas.cmake from configs/schema.
#include \"host/io/embedded_schemas.hpp\"

namespace tailbit {

std::vector<EmbeddedSchema> embedded_schemas() {
  return {
${table}  };
}

}  // namespace tailbit
")
  set(before "")
  if(EXISTS ${out})
    file(READ ${out} before)
  endif()
  if(NOT before STREQUAL source)
    file(WRITE ${out} "${source}")
  endif()
endfunction()
