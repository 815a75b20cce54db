/**
 * Media that do what a test tells them, and requests that remember what became of them.
 */
@NullMarked
package io.zonewright.testkit.backend;

import org.jspecify.annotations.NullMarked;
