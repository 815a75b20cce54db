/**
 * The contract between the host and its front-end and back-end plugins.
 */
@NullMarked
package io.zonewright.api.spi;

import org.jspecify.annotations.NullMarked;
