/*
 * api_frame - around every answer of the API.
 *
 * It is {"status":"success","data":...} or {"status":"error","error":"a
 * sentence"}.
 */
#ifndef AGENT_PAGES_API_FRAME_H
#define AGENT_PAGES_API_FRAME_H

struct buf;

#define API_TYPE	"application/json"

void		api_begin(struct buf *);	/* the data comes between */
void		api_end(struct buf *);
unsigned	api_refuse(struct buf *, unsigned status, const char *);

#endif
