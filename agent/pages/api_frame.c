/*
 * api_frame - see api_frame.h.
 */
#include "agent/pages/api_frame.h"
#include "base/buf.h"
#include "base/json.h"

void
api_begin(struct buf *out)
{
	buf_adds(out, "{\"status\":\"success\",\"data\":");
}

void
api_end(struct buf *out)
{
	buf_adds(out, "}\n");
}

unsigned
api_refuse(struct buf *out, unsigned status, const char *sentence)
{
	buf_adds(out, "{\"status\":\"error\",\"error\":");
	json_append(out, json_text(sentence));
	api_end(out);
	return status;
}
