/** The YAML keys of {@code type: scsi-zbc, transport: iscsi}, and what they mean once checked. */
@NullMarked
package io.zonewright.frontend.scsi.iscsi.config;

import org.jspecify.annotations.NullMarked;
