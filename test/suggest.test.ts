import { describe, expect, test } from 'vitest';
import { nearest } from '../src/suggest.ts';

const words = ['spend', 'impressions', 'clicks', 'conversion', 'conversion_rate', 'country_code'];

describe('the nearest spelling', () => {
  test.each([
    ['conversons', 'conversion'],
    ['convertion', 'conversion'],
    ['SPEND', 'spend'],
    [' spend ', 'spend'],
    ['imperssions', 'impressions'],
    ['countrycode', 'country_code'],
    ['click', 'clicks'],
  ])('of %s is %s', (word, expected) => {
    expect(nearest(word, words)).toBe(expected);
  });

  test.each(['', 'x', 'revenue', 'zzzzzzzzzz'])('of %j is none', (word) => {
    expect(nearest(word, words)).toBeUndefined();
  });

  test('of equally near words is the first', () => {
    expect(nearest('cat', ['bat', 'hat'])).toBe('bat');
    expect(nearest('cat', ['hat', 'bat'])).toBe('hat');
  });

  test('of a word with two letters swapped is one step away', () => {
    expect(nearest('adi', ['aid'])).toBe('aid');
  });

  test('of a word of the list is itself', () => {
    expect(words.map((word) => nearest(word, words))).toEqual(words);
  });
});
