/** The guest's memory as a client shares it: ranges mapped and unmapped by messages. */
@NullMarked
package io.zonewright.vfiouser.memory;

import org.jspecify.annotations.NullMarked;
