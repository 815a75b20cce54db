/**
 * The program.
 */
@NullMarked
package io.zonewright.daemon;

import org.jspecify.annotations.NullMarked;
