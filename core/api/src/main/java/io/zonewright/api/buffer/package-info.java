/**
 * Payload as spans over memory that somebody else owns; never copied between front-end and back-end.
 */
@NullMarked
package io.zonewright.api.buffer;

import org.jspecify.annotations.NullMarked;
