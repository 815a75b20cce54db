/**
 * Owned threads that poll: loops, when they idle, how other threads talk to them, and counters.
 */
@NullMarked
package io.zonewright.runtime;

import org.jspecify.annotations.NullMarked;
