/** Tests. */
@NullMarked
package io.zonewright.backend.linuxzbd.open;

import org.jspecify.annotations.NullMarked;
