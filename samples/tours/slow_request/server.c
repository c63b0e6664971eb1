// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Stores words in a table and answers requests for them. Most requests are
// quick.

#include <stdio.h>
#include <string.h>

enum { kMaxWords = 64 };

static const char* words[kMaxWords];
static int word_count;
static int sorted;

static void insert(const char* word) {
  words[word_count++] = word;
  sorted = 0;
}

static void sort_words(void) {
  for (int i = 1; i < word_count; ++i) {
    for (int j = i; j > 0 && strcmp(words[j - 1], words[j]) > 0; --j) {
      const char* const word = words[j];
      words[j] = words[j - 1];
      words[j - 1] = word;
    }
  }
  sorted = 1;
}

static int find(const char* word) {
  int low = 0;
  int high = word_count;
  while (low < high) {
    const int middle = (low + high) / 2;
    const int order = strcmp(words[middle], word);
    if (order == 0) return 1;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return 0;
}

static int handle(const char* request) {
  if (request[0] == '+') {
    insert(request + 1);
    return 1;
  }
  if (!sorted) sort_words();
  return find(request);
}

int main(void) {
  static const char* const requests[] = {
      "+pear",  "+fig", "+lime", "+date", "+kiwi", "+plum", "+apple",
      "+melon", "fig",  "kiwi",  "nut",   "date",  "plum",  "lime",
  };
  int found = 0;
  for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); ++i) {
    found += handle(requests[i]);
  }
  printf("%d found\n", found);
  return 0;
}
