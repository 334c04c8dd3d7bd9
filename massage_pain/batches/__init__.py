"""Files of cases in, files of answers out: streamed in blocks, resumable, on one machine or several.

A run goes `source` -> *pieces* (what one worker reads by itself) -> *blocks* (what is answered together) ->
*parts* (the answers to a block, kept on disk beside the target) -> the target, which appears whole at the
end. Where the work is done (`local`, `cluster`) and how it is cut never changes an answer.
"""
