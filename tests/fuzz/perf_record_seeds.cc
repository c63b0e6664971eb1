// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// perf_record_seeds DIRECTORY: one input of perf_record_fuzz for each kind of
// record, with and without sample_id.

#include <fstream>

#include "tests/formats/perf/sample_records.h"

namespace {

using namespace ptcap::formats;

template <typename T>
void put(std::ofstream& file, T value) {
  file.write(reinterpret_cast<const char*>(&value), sizeof(value));
}

void write_seed(const std::string& path, const RecordFormat& format,
                const RecordBody& body) {
  std::ofstream file(path, std::ios::binary);
  put(file, static_cast<uint32_t>(format.sample_type));
  put(file, static_cast<uint32_t>(format.branch_sample_type));
  put(file, format.sample_regs_user);
  put(file, format.sample_regs_intr);
  put(file, static_cast<uint8_t>(format.read_format));
  put(file, uint8_t{format.sample_id_all});
  auto bytes = built(body, format);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  auto all = kernel_bodies();
  for (auto& body : user_bodies()) all.push_back(body);
  int number = 0;
  for (const auto& [name, body] : all) {
    const std::string path = std::string(argv[1]) + '/';
    write_seed(path + std::to_string(number++), full_format(), body);
    write_seed(path + std::to_string(number++), RecordFormat(), body);
  }
}
