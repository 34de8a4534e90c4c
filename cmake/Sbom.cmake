# Writes what the program is made of as CycloneDX 1.5: the libraries that the build found, in the versions that it found.
# A library's Debian package has its name in the purl; where dpkg does not know it, the version alone is said.
function(tailbit_write_sbom out)
  set(components "")
  set(references "")

  # HOW: "headers" (compiled in), "static" or "shared"
  macro(component name found debian how license)
    set(version "${found}")
    set(package_version "")
    if(NOT "${debian}" STREQUAL "" AND dpkg_query)
      execute_process(COMMAND ${dpkg_query} --show --showformat "\${Version}" ${debian}
        OUTPUT_VARIABLE package_version ERROR_QUIET RESULT_VARIABLE status)
      if(NOT status EQUAL 0)
        set(package_version "")
      endif()
    endif()
    if("${version}" STREQUAL "")
      # valijson's CMake files do not say; its package does, before the revision and what Debian took out.
      string(REGEX REPLACE "^[0-9]+:|[+-].*$" "" version "${package_version}")
    endif()
    if("${version}" STREQUAL "")
      set(version "unknown")
    endif()
    set(purl "pkg:generic/${name}@${version}")
    if(NOT "${package_version}" STREQUAL "")
      string(REPLACE "+" "%2B" escaped "${package_version}")
      set(purl "pkg:deb/debian/${debian}@${escaped}")
    endif()
    list(APPEND components "    {
      \"type\": \"library\",
      \"bom-ref\": \"${purl}\",
      \"name\": \"${name}\",
      \"version\": \"${version}\",
      \"scope\": \"required\",
      \"licenses\": [{\"expression\": \"${license}\"}],
      \"purl\": \"${purl}\",
      \"properties\": [{\"name\": \"tailbit:linked\", \"value\": \"${how}\"}]
    }")
    list(APPEND references "\"${purl}\"")
  endmacro()

  find_program(dpkg_query dpkg-query)
  mark_as_advanced(dpkg_query)
  component(nlohmann_json "${nlohmann_json_VERSION}" nlohmann-json3-dev headers "MIT")
  component(simdjson "${simdjson_VERSION}" libsimdjson-dev shared "Apache-2.0")
  component(valijson "${valijson_VERSION}" libvalijson-dev headers "BSD-2-Clause")
  component(CLI11 "${CLI11_VERSION}" libcli11-dev headers "BSD-3-Clause")
  component(OpenSSL "${OPENSSL_VERSION}" libssl-dev shared "Apache-2.0")
  component(Eigen "${Eigen3_VERSION}" libeigen3-dev headers "MPL-2.0")
  if(TAILBIT_HAS_CUDA)
    component(cudart "${CUDAToolkit_VERSION}" "" static "LicenseRef-NVIDIA-CUDA-EULA")
  endif()

  list(JOIN components ",\n" components)
  list(JOIN references ", " references)
  # The same components make the same document, to the byte.
  string(UUID serial NAMESPACE 6ba7b810-9dad-11d1-80b4-00c04fd430c8 NAME "tailbit ${PROJECT_VERSION} ${components}" TYPE SHA1)
  set(self "pkg:generic/tailbit@${PROJECT_VERSION}")
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT "{
  \"bomFormat\": \"CycloneDX\",
  \"specVersion\": \"1.5\",
  \"serialNumber\": \"urn:uuid:@serial@\",
  \"version\": 1,
  \"metadata\": {
    \"tools\": {\"components\": [
      {\"type\": \"application\", \"name\": \"@CMAKE_CXX_COMPILER_ID@\", \"version\": \"@CMAKE_CXX_COMPILER_VERSION@\"},
      {\"type\": \"application\", \"name\": \"CMake\", \"version\": \"@CMAKE_VERSION@\"}
    ]},
    \"component\": {
      \"type\": \"application\",
      \"bom-ref\": \"@self@\",
      \"name\": \"tailbit\",
      \"version\": \"@PROJECT_VERSION@\",
      \"licenses\": [{\"expression\": \"Apache-2.0\"}],
      \"purl\": \"@self@\"
    }
  },
  \"components\": [
@components@
  ],
  \"dependencies\": [{\"ref\": \"@self@\", \"dependsOn\": [@references@]}]
}
")
endfunction()
