/** What all TCP carriers share: listening, who may connect, limits, batched sending, checksums. */
@NullMarked
package io.zonewright.net;

import org.jspecify.annotations.NullMarked;
