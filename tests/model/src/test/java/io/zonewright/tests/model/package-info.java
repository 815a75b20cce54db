/**
 * The engine against a naive model, in lockstep and under concurrency.
 */
@NullMarked
package io.zonewright.tests.model;

import org.jspecify.annotations.NullMarked;
