/**
 * One request to a device, from a front-end through the engine to a back-end and back.
 */
@NullMarked
package io.zonewright.api.request;

import org.jspecify.annotations.NullMarked;
