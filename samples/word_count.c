// SPDX-License-Identifier: MIT
// SPDX-FileCopyrightText: 2026 The ptcap authors
//
// Counts the words of a text and prints the most frequent one: the program of
// the quickstart.

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { kMaxWords = 64, kMaxLength = 16 };

struct Word {
  char text[kMaxLength];
  int count;
};

static struct Word words[kMaxWords];
static int word_count;

// Copies the next word into `word`; returns where to go on, or NULL.
__attribute__((noinline)) static const char* next_word(const char* text,
                                                       char* word) {
  while (*text && !isalpha((unsigned char)*text)) ++text;
  if (!*text) return NULL;
  int length = 0;
  for (; isalpha((unsigned char)*text); ++text)
    if (length < kMaxLength - 1)
      word[length++] = (char)tolower((unsigned char)*text);
  word[length] = '\0';
  return text;
}

__attribute__((noinline)) static void count_word(const char* word) {
  for (int i = 0; i < word_count; ++i) {
    if (strcmp(words[i].text, word) == 0) {
      ++words[i].count;
      return;
    }
  }
  if (word_count == kMaxWords) return;
  strcpy(words[word_count].text, word);
  words[word_count++].count = 1;
}

__attribute__((noinline)) static const struct Word* most_frequent(void) {
  const struct Word* best = &words[0];
  for (int i = 1; i < word_count; ++i)
    if (words[i].count > best->count) best = &words[i];
  return best;
}

int main(int argc, char** argv) {
  const char* text = argc > 1 ? argv[1]
                              : "The quick brown fox jumps over the lazy dog, "
                                "and the dog sleeps on.";
  char word[kMaxLength];
  while ((text = next_word(text, word))) count_word(word);
  if (word_count == 0) return 1;
  const struct Word* best = most_frequent();
  printf("%d different words; \"%s\" %d times\n", word_count, best->text,
         best->count);
  return 0;
}
