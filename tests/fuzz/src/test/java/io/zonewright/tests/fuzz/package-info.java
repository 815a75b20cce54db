/**
 * Hostile drivers, made from seeds. Each target runs for a few seconds in the default build, from a fixed seed;
 * {@code -Dzonewright.fuzz.seconds=600} runs it that long from a new seed, which it prints, and a failure prints
 * {@code -Dzonewright.fuzz.seed=…}, which plays the one case again.
 */
@NullMarked
package io.zonewright.tests.fuzz;

import org.jspecify.annotations.NullMarked;
