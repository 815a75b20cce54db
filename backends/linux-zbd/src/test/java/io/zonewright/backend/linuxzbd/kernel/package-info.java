/** Tests. */
@NullMarked
package io.zonewright.backend.linuxzbd.kernel;

import org.jspecify.annotations.NullMarked;
