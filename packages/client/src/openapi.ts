/** Written by `npm run client-types` from the OpenAPI document of the app. Not edited by hand. */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description Body of POST /api/images/generations. */
        GenerationBody: {
            /**
             * @description Model to run. Without model and deployment, the first deployed model that can do all that is asked.
             * @example dall-e-3
             */
            model?: string;
            /** @description A configured deployment, by its name. */
            deployment?: string;
            /**
             * @description What to draw.
             * @example A multi-colored umbrella on the beach
             */
            prompt: string;
            /**
             * @description Images wanted, 1 to 10. Default 1.
             * @example 4
             */
            n?: number;
            /**
             * @description WIDTHxHEIGHT as the model allows.
             * @example 1024x1024
             */
            size?: string;
            /**
             * @description As the model allows.
             * @example hd
             */
            quality?: string;
            /** @description Accepted where the model knows it (url or b64_json). Darkroom always answers with links. */
            response_format?: string;
            /** @description gpt-image: transparent, opaque or auto. */
            background?: string;
            /**
             * @description gpt-image: png or jpeg.
             * @example png
             */
            output_format?: string;
            /** @description gpt-image with jpeg: 0 to 100. */
            output_compression?: number;
            /** @description Opaque id of your end user, passed to the service. */
            user?: string;
            /** @description Further parameters of a model that its operator has described (IMAGE_MODELS). */
            parameters?: {
                [key: string]: string | number | boolean;
            };
            /** @description gpt-image: true has partial images told among the job's events. */
            stream?: boolean;
            /**
             * @description With stream: partial images of each image, at most. Default 0.
             * @example 2
             */
            partial_images?: number;
            /**
             * @description Up to 8 words to find the job by.
             * @example [
             *       "demo"
             *     ]
             */
            tags?: string[];
            /** @description Up to 16 string pairs that are given back with the job; 16384 characters as JSON. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description Which of your own waiting jobs goes first. Default normal. Other callers' turns stay theirs.
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * @description How long the job may wait for its first call, where that is less than the service lets it (QUEUE_DEADLINE_SECONDS).
             * @example 600
             */
            queue_deadline_seconds?: number;
            /** @description How long the job may run once it has begun, where that is less than the service lets it (JOB_DEADLINE_SECONDS). */
            deadline_seconds?: number;
            /**
             * @description A public https address that is told of the job's end by a signed POST (Standard Webhooks).
             * @example https://hooks.example.com/darkroom
             */
            webhook_url?: string;
            /**
             * @description The ends that webhook_url is told of. Default: all.
             * @example [
             *       "job.failed"
             *     ]
             */
            webhook_events?: ("job.succeeded" | "job.failed" | "job.canceled")[];
            /**
             * @description dall-e-3: vivid or natural.
             * @example vivid
             */
            style?: string;
            /** @description gpt-image: auto or low. */
            moderation?: string;
            /**
             * @description as_is asks dall-e-3 to use the prompt as it stands instead of rewriting it.
             * @enum {string}
             */
            prompt_mode?: "default" | "as_is";
            /** @description true: checks the request, chooses its deployment and says what it would cost; nothing is recorded or sent. */
            dry_run?: boolean;
        };
        /** @description Body of POST /api/images/edits as a form; every other field as text. */
        EditForm: {
            /**
             * @description Model to run. Without model and deployment, the first deployed model that can do all that is asked.
             * @example dall-e-3
             */
            model?: string;
            /** @description A configured deployment, by its name. */
            deployment?: string;
            /**
             * @description What to draw.
             * @example A multi-colored umbrella on the beach
             */
            prompt: string;
            /**
             * @description Images wanted, 1 to 10. Default 1.
             * @example 4
             */
            n?: number;
            /**
             * @description WIDTHxHEIGHT as the model allows.
             * @example 1024x1024
             */
            size?: string;
            /**
             * @description As the model allows.
             * @example hd
             */
            quality?: string;
            /** @description Accepted where the model knows it (url or b64_json). Darkroom always answers with links. */
            response_format?: string;
            /** @description gpt-image: transparent, opaque or auto. */
            background?: string;
            /**
             * @description gpt-image: png or jpeg.
             * @example png
             */
            output_format?: string;
            /** @description gpt-image with jpeg: 0 to 100. */
            output_compression?: number;
            /** @description Opaque id of your end user, passed to the service. */
            user?: string;
            /** @description Further parameters of a model that its operator has described (IMAGE_MODELS). */
            parameters?: {
                [key: string]: string | number | boolean;
            };
            /** @description gpt-image: true has partial images told among the job's events. */
            stream?: boolean;
            /**
             * @description With stream: partial images of each image, at most. Default 0.
             * @example 2
             */
            partial_images?: number;
            /**
             * @description Up to 8 words to find the job by.
             * @example [
             *       "demo"
             *     ]
             */
            tags?: string[];
            /** @description Up to 16 string pairs that are given back with the job; 16384 characters as JSON. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description Which of your own waiting jobs goes first. Default normal. Other callers' turns stay theirs.
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * @description How long the job may wait for its first call, where that is less than the service lets it (QUEUE_DEADLINE_SECONDS).
             * @example 600
             */
            queue_deadline_seconds?: number;
            /** @description How long the job may run once it has begun, where that is less than the service lets it (JOB_DEADLINE_SECONDS). */
            deadline_seconds?: number;
            /**
             * @description A public https address that is told of the job's end by a signed POST (Standard Webhooks).
             * @example https://hooks.example.com/darkroom
             */
            webhook_url?: string;
            /**
             * @description The ends that webhook_url is told of. Default: all.
             * @example [
             *       "job.failed"
             *     ]
             */
            webhook_events?: ("job.succeeded" | "job.failed" | "job.canceled")[];
            /** @description gpt-image, not mini: low or high; how closely the result keeps to the input. */
            input_fidelity?: string;
            /**
             * @description What becomes of a mask whose size isn't the first image's: strict (default) refuses it, resize stretches it.
             * @enum {string}
             */
            mask_mode?: "strict" | "resize";
            /** @description true: what is opaque in the mask is edited, instead of what is clear. */
            mask_invert?: boolean;
            /** @description true: checks the request, chooses its deployment and says what it would cost; nothing is recorded or sent. */
            dry_run?: boolean;
            /** @description 1 to 16 files; the part may be called image, image[] or image[0] and so on. {"job_id": "job_…", "index": 0} in a file's place names an image of a job of yours. */
            image: string[];
            /**
             * Format: binary
             * @description PNG of the first image's size, clear where it is to be edited. It may be named by its job like an image.
             */
            mask?: string;
        };
        /** @description Body of POST /api/images/edits as JSON. */
        EditRequest: {
            /**
             * @description Model to run. Without model and deployment, the first deployed model that can do all that is asked.
             * @example dall-e-3
             */
            model?: string;
            /** @description A configured deployment, by its name. */
            deployment?: string;
            /**
             * @description What to draw.
             * @example A multi-colored umbrella on the beach
             */
            prompt: string;
            /**
             * @description Images wanted, 1 to 10. Default 1.
             * @example 4
             */
            n?: number;
            /**
             * @description WIDTHxHEIGHT as the model allows.
             * @example 1024x1024
             */
            size?: string;
            /**
             * @description As the model allows.
             * @example hd
             */
            quality?: string;
            /** @description Accepted where the model knows it (url or b64_json). Darkroom always answers with links. */
            response_format?: string;
            /** @description gpt-image: transparent, opaque or auto. */
            background?: string;
            /**
             * @description gpt-image: png or jpeg.
             * @example png
             */
            output_format?: string;
            /** @description gpt-image with jpeg: 0 to 100. */
            output_compression?: number;
            /** @description Opaque id of your end user, passed to the service. */
            user?: string;
            /** @description Further parameters of a model that its operator has described (IMAGE_MODELS). */
            parameters?: {
                [key: string]: string | number | boolean;
            };
            /** @description gpt-image: true has partial images told among the job's events. */
            stream?: boolean;
            /**
             * @description With stream: partial images of each image, at most. Default 0.
             * @example 2
             */
            partial_images?: number;
            /**
             * @description Up to 8 words to find the job by.
             * @example [
             *       "demo"
             *     ]
             */
            tags?: string[];
            /** @description Up to 16 string pairs that are given back with the job; 16384 characters as JSON. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description Which of your own waiting jobs goes first. Default normal. Other callers' turns stay theirs.
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * @description How long the job may wait for its first call, where that is less than the service lets it (QUEUE_DEADLINE_SECONDS).
             * @example 600
             */
            queue_deadline_seconds?: number;
            /** @description How long the job may run once it has begun, where that is less than the service lets it (JOB_DEADLINE_SECONDS). */
            deadline_seconds?: number;
            /**
             * @description A public https address that is told of the job's end by a signed POST (Standard Webhooks).
             * @example https://hooks.example.com/darkroom
             */
            webhook_url?: string;
            /**
             * @description The ends that webhook_url is told of. Default: all.
             * @example [
             *       "job.failed"
             *     ]
             */
            webhook_events?: ("job.succeeded" | "job.failed" | "job.canceled")[];
            /** @description gpt-image, not mini: low or high; how closely the result keeps to the input. */
            input_fidelity?: string;
            /**
             * @description What becomes of a mask whose size isn't the first image's: strict (default) refuses it, resize stretches it.
             * @enum {string}
             */
            mask_mode?: "strict" | "resize";
            /** @description true: what is opaque in the mask is edited, instead of what is clear. */
            mask_invert?: boolean;
            /** @description true: checks the request, chooses its deployment and says what it would cost; nothing is recorded or sent. */
            dry_run?: boolean;
            /** @description The input images, 1 to 16, in order; the mask belongs to the first. */
            images: components["schemas"]["ImageSource"][];
            mask?: components["schemas"]["ImageSource"];
        };
        /** @description An input image or mask: an upload, an address, its bytes, or an image of a job of yours. */
        ImageSource: {
            /** @description An upload of POST /api/uploads. */
            upload_id?: string;
            /** @description A public https address. */
            url?: string;
            /** @description The file's bytes in base64: either alphabet, with or without line ends and padding; or a data URL. */
            b64_json?: string;
            /** @description A job of your own. */
            job_id?: string;
            /** @description With job_id: which of its images. Default 0. */
            index?: number;
            /** @description In place of index: which of the images that edit began with, or its mask. Kept for a day. */
            input?: number | "mask";
        };
        /** @description Body of POST /api/uploads. */
        UploadRequest: {
            /**
             * @description What will be uploaded, in order. Default: one image.
             * @example [
             *       "image",
             *       "mask"
             *     ]
             */
            expects?: ("image" | "mask")[];
            /** @description An edit to start by itself once all files are there. The answer then holds its job. */
            on_complete?: components["schemas"]["EditParams"];
        };
        /** @description An edit without its inputs. */
        EditParams: {
            /**
             * @description Model to run. Without model and deployment, the first deployed model that can do all that is asked.
             * @example dall-e-3
             */
            model?: string;
            /** @description A configured deployment, by its name. */
            deployment?: string;
            /**
             * @description What to draw.
             * @example A multi-colored umbrella on the beach
             */
            prompt: string;
            /**
             * @description Images wanted, 1 to 10. Default 1.
             * @example 4
             */
            n?: number;
            /**
             * @description WIDTHxHEIGHT as the model allows.
             * @example 1024x1024
             */
            size?: string;
            /**
             * @description As the model allows.
             * @example hd
             */
            quality?: string;
            /** @description Accepted where the model knows it (url or b64_json). Darkroom always answers with links. */
            response_format?: string;
            /** @description gpt-image: transparent, opaque or auto. */
            background?: string;
            /**
             * @description gpt-image: png or jpeg.
             * @example png
             */
            output_format?: string;
            /** @description gpt-image with jpeg: 0 to 100. */
            output_compression?: number;
            /** @description Opaque id of your end user, passed to the service. */
            user?: string;
            /** @description Further parameters of a model that its operator has described (IMAGE_MODELS). */
            parameters?: {
                [key: string]: string | number | boolean;
            };
            /** @description gpt-image: true has partial images told among the job's events. */
            stream?: boolean;
            /**
             * @description With stream: partial images of each image, at most. Default 0.
             * @example 2
             */
            partial_images?: number;
            /**
             * @description Up to 8 words to find the job by.
             * @example [
             *       "demo"
             *     ]
             */
            tags?: string[];
            /** @description Up to 16 string pairs that are given back with the job; 16384 characters as JSON. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description Which of your own waiting jobs goes first. Default normal. Other callers' turns stay theirs.
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * @description How long the job may wait for its first call, where that is less than the service lets it (QUEUE_DEADLINE_SECONDS).
             * @example 600
             */
            queue_deadline_seconds?: number;
            /** @description How long the job may run once it has begun, where that is less than the service lets it (JOB_DEADLINE_SECONDS). */
            deadline_seconds?: number;
            /**
             * @description A public https address that is told of the job's end by a signed POST (Standard Webhooks).
             * @example https://hooks.example.com/darkroom
             */
            webhook_url?: string;
            /**
             * @description The ends that webhook_url is told of. Default: all.
             * @example [
             *       "job.failed"
             *     ]
             */
            webhook_events?: ("job.succeeded" | "job.failed" | "job.canceled")[];
            /** @description gpt-image, not mini: low or high; how closely the result keeps to the input. */
            input_fidelity?: string;
            /**
             * @description What becomes of a mask whose size isn't the first image's: strict (default) refuses it, resize stretches it.
             * @enum {string}
             */
            mask_mode?: "strict" | "resize";
            /** @description true: what is opaque in the mask is edited, instead of what is clear. */
            mask_invert?: boolean;
        };
        /** @description What is asked of a generation. */
        GenerationRequest: {
            /**
             * @description Model to run. Without model and deployment, the first deployed model that can do all that is asked.
             * @example dall-e-3
             */
            model?: string;
            /** @description A configured deployment, by its name. */
            deployment?: string;
            /**
             * @description What to draw.
             * @example A multi-colored umbrella on the beach
             */
            prompt: string;
            /**
             * @description Images wanted, 1 to 10. Default 1.
             * @example 4
             */
            n?: number;
            /**
             * @description WIDTHxHEIGHT as the model allows.
             * @example 1024x1024
             */
            size?: string;
            /**
             * @description As the model allows.
             * @example hd
             */
            quality?: string;
            /** @description Accepted where the model knows it (url or b64_json). Darkroom always answers with links. */
            response_format?: string;
            /** @description gpt-image: transparent, opaque or auto. */
            background?: string;
            /**
             * @description gpt-image: png or jpeg.
             * @example png
             */
            output_format?: string;
            /** @description gpt-image with jpeg: 0 to 100. */
            output_compression?: number;
            /** @description Opaque id of your end user, passed to the service. */
            user?: string;
            /** @description Further parameters of a model that its operator has described (IMAGE_MODELS). */
            parameters?: {
                [key: string]: string | number | boolean;
            };
            /** @description gpt-image: true has partial images told among the job's events. */
            stream?: boolean;
            /**
             * @description With stream: partial images of each image, at most. Default 0.
             * @example 2
             */
            partial_images?: number;
            /**
             * @description Up to 8 words to find the job by.
             * @example [
             *       "demo"
             *     ]
             */
            tags?: string[];
            /** @description Up to 16 string pairs that are given back with the job; 16384 characters as JSON. */
            metadata?: {
                [key: string]: string;
            };
            /**
             * @description Which of your own waiting jobs goes first. Default normal. Other callers' turns stay theirs.
             * @enum {string}
             */
            priority?: "low" | "normal" | "high";
            /**
             * @description How long the job may wait for its first call, where that is less than the service lets it (QUEUE_DEADLINE_SECONDS).
             * @example 600
             */
            queue_deadline_seconds?: number;
            /** @description How long the job may run once it has begun, where that is less than the service lets it (JOB_DEADLINE_SECONDS). */
            deadline_seconds?: number;
            /**
             * @description A public https address that is told of the job's end by a signed POST (Standard Webhooks).
             * @example https://hooks.example.com/darkroom
             */
            webhook_url?: string;
            /**
             * @description The ends that webhook_url is told of. Default: all.
             * @example [
             *       "job.failed"
             *     ]
             */
            webhook_events?: ("job.succeeded" | "job.failed" | "job.canceled")[];
            /**
             * @description dall-e-3: vivid or natural.
             * @example vivid
             */
            style?: string;
            /** @description gpt-image: auto or low. */
            moderation?: string;
            /**
             * @description as_is asks dall-e-3 to use the prompt as it stands instead of rewriting it.
             * @enum {string}
             */
            prompt_mode?: "default" | "as_is";
        };
        /** @description Body of POST /api/tokens. */
        TokenRequest: {
            /**
             * @description Whose token it is: an opaque id of your user. Jobs and lists are the subject's own; the same subject finds them again.
             * @example user-4711
             */
            subject: string;
            /**
             * @description What it may do. Default: all three.
             * @default [
             *       "generate",
             *       "edit",
             *       "read"
             *     ]
             */
            scopes?: ("generate" | "edit" | "read")[];
            /**
             * @description Its life in seconds, 60 to 86400. Default 900.
             * @default 900
             */
            expires_in?: number;
            /**
             * @description Jobs that it may have made in its life. Default 20.
             * @default 20
             */
            max_jobs?: number;
            /**
             * @description Models that its jobs may run on. Without: all.
             * @example [
             *       "gpt-image-2"
             *     ]
             */
            models?: string[];
            /** @description Tags that its jobs may have; an empty list allows none. Without: any. */
            tags?: string[];
            /**
             * @description The most that its jobs may cost together, by PRICES; reserved and settled as a budget is. Without: as much as your own budget has left.
             * @example {
             *       "amount": 0.5,
             *       "currency": "USD"
             *     }
             */
            max_spend?: {
                amount: number;
                /**
                 * @description ISO 4217.
                 * @example USD
                 */
                currency: string;
            };
        };
        /** @description Body of PUT /api/operator/callers/{name}. */
        CallerRequest: {
            /**
             * @description What its keys may do. `operator`: everything below /api/operator.
             * @default [
             *       "generate",
             *       "edit",
             *       "read"
             *     ]
             */
            scopes?: ("generate" | "edit" | "read" | "operator")[];
            /**
             * Format: date-time
             * @description When it ends, in UTC. Without: never.
             * @example 2027-01-01T00:00:00Z
             */
            expires_at?: string;
        };
        /** @description What a caller may take. Without: any number. */
        CallerLimits: {
            /** @description Jobs that have not ended. */
            open_jobs?: number;
            /** @description Jobs that come in a minute of the clock. */
            jobs_per_minute?: number;
            /** @description The most that its jobs may cost in a day or a month (UTC), by PRICES. */
            budget?: {
                amount: number;
                /**
                 * @description ISO 4217.
                 * @example USD
                 */
                currency: string;
                /** @enum {string} */
                period: "day" | "month";
            };
        };
        /** @description Body of POST /api/operator/callers/{name}/keys. */
        KeyRequest: {
            /**
             * Format: date-time
             * @description When it ends, in UTC. Without: never.
             * @example 2027-01-01T00:00:00Z
             */
            expires_at?: string;
        };
        ShareRequest: {
            /** @description Which image of the job. Default 0. */
            index?: number;
            /** @description Seconds until the address is good no more. Default: as long as the job is kept. */
            expires_in?: number;
        };
        WebhookMessage: {
            /** @enum {string} */
            type: "job.succeeded" | "job.failed" | "job.canceled";
            /**
             * Format: date-time
             * @description When the job ended.
             */
            timestamp: string;
            /**
             * @description Things were left out so that the body has at most 4096 bytes; read the job.
             * @constant
             */
            truncated?: true;
            /** @description The job without its links. */
            data: {
                /** @example job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k */
                id?: string;
                /** @enum {string} */
                kind?: "generation" | "edit";
                /** @enum {string} */
                status?: "queued" | "running" | "succeeded" | "failed" | "canceled";
                /** @description Absent, as deployment, on a job that was refused before one was chosen. */
                model?: string;
                deployment?: string;
                /** Format: date-time */
                created_at?: string;
                /** Format: date-time */
                started_at?: string;
                /** Format: date-time */
                finished_at?: string;
                /**
                 * Format: date-time
                 * @description From then on the job and its images may be removed (RETENTION_DAYS).
                 */
                expires_at?: string;
                progress?: number;
                /** @enum {string} */
                priority?: "low" | "normal" | "high";
                waiting?: components["schemas"]["Waiting"];
                /**
                 * Format: date-time
                 * @description When an open job will probably end, by what such calls took; where its pool is known.
                 */
                estimated_end?: string;
                /**
                 * @description IPTC's term for what made the images. Files made anew from them say it in their XMP; provenance of an image tells what the stored file says.
                 * @enum {string}
                 */
                digital_source_type?: "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia";
                /** @description What was asked, defaults filled in. */
                request?: {
                    [key: string]: unknown;
                };
                /** @description What was asked of a model that another one stands in for (MODEL_ALIASES), as far as it was mapped; model and request say what ran. Images are made the size asked. */
                requested?: {
                    model: string;
                    size?: string;
                    quality?: string;
                    style?: string;
                    response_format?: string;
                };
                tags?: string[];
                metadata?: {
                    [key: string]: string;
                };
                failures?: components["schemas"]["Failure"][];
                /** @description Why no image came of it; only on a failed job. */
                error?: {
                    /** @enum {string} */
                    code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                    message: string;
                    retryable: boolean;
                    /** @description Of the image. */
                    content_filter_results?: components["schemas"]["FilterResults"];
                    /** @description Of the prompt. */
                    prompt_filter_results?: components["schemas"]["FilterResults"];
                };
                usage?: components["schemas"]["Usage"];
                cost?: components["schemas"]["Cost"];
                /** @description Upstream calls made again because the end of an earlier one is unknown; each may be billed twice. */
                repeated_calls?: number;
                /** @description Upstream calls that brought nothing and whose end nobody saw, such as one that a cancellation or the deadline cut off; each may be billed. */
                unanswered_calls?: number;
                images?: {
                    [key: string]: unknown;
                }[];
            };
        };
        /** @description What an open job waits for, while none of its calls is on its way. */
        Waiting: {
            /**
             * @description quota: the pool has no room yet; throttled: the service turned calls away; service: it isn't well.
             * @enum {string}
             */
            reason: "quota" | "throttled" | "service";
            /** Format: date-time */
            since: string;
            /**
             * Format: date-time
             * @description When its first call will probably be sent.
             */
            until: string;
            /** @description How many calls go before it. */
            position: number;
        };
        Failure: {
            index: number;
            /** @enum {string} */
            code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
            message: string;
            retryable: boolean;
            /** @description Of the image. */
            content_filter_results?: components["schemas"]["FilterResults"];
            /** @description Of the prompt. */
            prompt_filter_results?: components["schemas"]["FilterResults"];
            /** @description Where a result that is no usable image is kept as it came: answers 302 to a fresh link, and with download=1 with its bytes. */
            content_url?: string;
            /** @description Of what is at content_url. */
            content_type?: string;
        };
        /** @description What the service's content filters found, by category, where it tells. */
        FilterResults: {
            [key: string]: {
                filtered: boolean;
                severity?: string;
                detected?: boolean;
            };
        };
        /** @description Tokens, summed over the job's calls, where the service tells. */
        Usage: {
            input_tokens: number;
            output_tokens: number;
            total_tokens: number;
            input_tokens_details?: {
                text_tokens: number;
                image_tokens: number;
            };
            output_tokens_details?: {
                text_tokens: number;
                image_tokens: number;
            };
        };
        /** @description By the prices that were configured (PRICES) when it was accepted. */
        Cost: {
            /** @example USD */
            currency: string;
            /** @description Absent where the price is by tokens alone. */
            estimated?: number;
            /** @description Once it has ended: of the images that were made. Repeated and unanswered calls may cost more. */
            actual?: number;
        };
        Job: {
            /** @example job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k */
            id: string;
            /** @enum {string} */
            kind: "generation" | "edit";
            /** @enum {string} */
            status: "queued" | "running" | "succeeded" | "failed" | "canceled";
            /** @description Absent, as deployment, on a job that was refused before one was chosen. */
            model?: string;
            deployment?: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            started_at?: string;
            /** Format: date-time */
            finished_at?: string;
            /**
             * Format: date-time
             * @description From then on the job and its images may be removed (RETENTION_DAYS).
             */
            expires_at?: string;
            progress: number;
            /** @enum {string} */
            priority?: "low" | "normal" | "high";
            waiting?: components["schemas"]["Waiting"];
            /**
             * Format: date-time
             * @description When an open job will probably end, by what such calls took; where its pool is known.
             */
            estimated_end?: string;
            /**
             * @description IPTC's term for what made the images. Files made anew from them say it in their XMP; provenance of an image tells what the stored file says.
             * @enum {string}
             */
            digital_source_type?: "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia";
            /** @description What was asked, defaults filled in. */
            request: {
                [key: string]: unknown;
            };
            /** @description What was asked of a model that another one stands in for (MODEL_ALIASES), as far as it was mapped; model and request say what ran. Images are made the size asked. */
            requested?: {
                model: string;
                size?: string;
                quality?: string;
                style?: string;
                response_format?: string;
            };
            tags?: string[];
            metadata?: {
                [key: string]: string;
            };
            images: components["schemas"]["Image"][];
            /** @description While it runs with partial_images: the newest of each image that isn't there yet. */
            partials?: {
                /** @description The image that it becomes. */
                index: number;
                /** @description 0 for the coarsest. */
                partial_index: number;
                content_type: string;
                /** Format: uri */
                url: string;
                /** Format: date-time */
                url_expires_at: string;
            }[];
            failures: components["schemas"]["Failure"][];
            /** @description Why no image came of it; only on a failed job. */
            error?: {
                /** @enum {string} */
                code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                message: string;
                retryable: boolean;
                /** @description Of the image. */
                content_filter_results?: components["schemas"]["FilterResults"];
                /** @description Of the prompt. */
                prompt_filter_results?: components["schemas"]["FilterResults"];
            };
            usage?: components["schemas"]["Usage"];
            cost?: components["schemas"]["Cost"];
            /** @description Upstream calls made again because the end of an earlier one is unknown; each may be billed twice. */
            repeated_calls?: number;
            /** @description Who is told of the end, and of which; only the address's host is shown. */
            webhook?: {
                url: string;
                events: ("job.succeeded" | "job.failed" | "job.canceled")[];
            };
            /** @description Upstream calls that brought nothing and whose end nobody saw, such as one that a cancellation or the deadline cut off; each may be billed. */
            unanswered_calls?: number;
            links: {
                /** Format: uri */
                self: string;
                /**
                 * Format: uri
                 * @description Signed: to poll for the end without other credentials.
                 */
                result: string;
                /**
                 * Format: uri
                 * @description Signed: to watch without other credentials.
                 */
                events: string;
                /** Format: uri */
                cancel: string;
            };
        };
        Image: {
            index: number;
            /**
             * Format: uri
             * @description Read-only link to the image. Needs no credentials, dies at url_expires_at.
             */
            url: string;
            /** Format: date-time */
            url_expires_at: string;
            /** @description Address that never dies: answers 302 to a link, or with a smaller picture (width, format, quality, fit). Absolute, but for messages to webhooks where PUBLIC_ORIGIN isn't set. */
            content_url: string;
            /**
             * Format: uri
             * @description Link to a webp of at most 512 px, once it is made.
             */
            thumbnail_url?: string;
            content_type: string;
            width: number;
            height: number;
            bytes: number;
            sha256: string;
            /**
             * @description How the file at url says that a model made it. c2pa: by a C2PA manifest, as its maker signed it; iptc: by DigitalSourceType in XMP, for it was made anew (as are thumbnails and other sizes); absent: not at all.
             * @enum {string}
             */
            provenance?: "c2pa" | "iptc";
            revised_prompt?: string;
            /** @description Of the image. */
            content_filter_results?: components["schemas"]["FilterResults"];
            /** @description Of the prompt. */
            prompt_filter_results?: components["schemas"]["FilterResults"];
        };
        DryRun: {
            /** @constant */
            dry_run: true;
            /** @enum {string} */
            kind: "generation" | "edit";
            model: string;
            deployment: string;
            /** @description What would be asked, defaults filled in. */
            request: {
                [key: string]: unknown;
            };
            cost?: components["schemas"]["Cost"];
            /** @description As it is now, without what this would cost. */
            budget?: components["schemas"]["BudgetState"];
        };
        BudgetState: {
            amount: number;
            currency: string;
            /** @enum {string} */
            period: "day" | "month" | "token";
            /** @description In this period, by jobs that have ended. */
            spent: number;
            /** @description What open jobs may still cost. */
            reserved: number;
            left: number;
            /**
             * Format: date-time
             * @description Absent on what a token may spend.
             */
            renews_at?: string;
        };
        Error: {
            error: {
                /** @enum {string} */
                code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                message: string;
                /** @description The field at fault, as written in the request. */
                param?: string;
                allowed?: (string | number | boolean)[];
                /** @description Every broken rule, when there is more than one. */
                details?: {
                    param: string;
                    message: string;
                    allowed?: (string | number | boolean)[];
                }[];
                retryable: boolean;
                request_id: string;
            };
        };
        UploadTickets: {
            uploads: {
                /** @description Names the upload in images and mask of an edit, for a day. */
                upload_id: string;
                /** @enum {string} */
                expects: "image" | "mask";
                /** @constant */
                method: "PUT";
                /**
                 * Format: uri
                 * @description Send the file's bytes here. Creates this one blob, once, and nothing else.
                 */
                url: string;
                /** @description Headers to send with the bytes. */
                headers: {
                    [key: string]: string;
                };
                /** Format: date-time */
                expires_at: string;
                max_bytes: number;
            }[];
            /** @description The edit that waits for the files, when on_complete was given. */
            job?: components["schemas"]["Job"];
        };
        /** @description An upload that has arrived. */
        Upload: {
            upload_id: string;
            bytes: number;
            /** Format: date-time */
            arrived_at: string;
        };
        Batch: {
            /** @example bat_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k */
            id: string;
            /**
             * @description succeeded: every line has ended, whatever came of it; failed: it could not be read as a batch; canceled: it was, and all its jobs have ended.
             * @enum {string}
             */
            status: "running" | "succeeded" | "failed" | "canceled";
            /** @enum {string} */
            format: "json" | "jsonl" | "csv";
            /** @description The file of generate-inbox that it came as. */
            file?: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            canceled_at?: string;
            /** Format: date-time */
            finished_at?: string;
            /**
             * Format: date-time
             * @description From then on it may be removed (RETENTION_DAYS).
             */
            expires_at?: string;
            /** @description How many lines it has. */
            total: number;
            /** @description Why it could not be read as a batch. */
            error?: {
                /** @enum {string} */
                code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                message: string;
                retryable: boolean;
                /** @description The field at fault. */
                param?: string;
                allowed?: (string | number | boolean)[];
            };
            links: {
                self: string;
                cancel: string;
            };
            /** @description How many lines have each status. */
            counts: {
                [key: string]: number;
            };
            /** @description Its lines, in their order. */
            items: components["schemas"]["BatchItem"][];
        };
        BatchItem: {
            /** @description The line of the CSV or JSONL file as an editor counts, where the header of a CSV is 1; of a JSON list the entry, from 1. */
            line: number;
            /**
             * @description waiting: not accepted yet. refused: not accepted, and error says why. deleted: its job is gone. Otherwise its job's.
             * @enum {string}
             */
            status: "waiting" | "queued" | "running" | "succeeded" | "failed" | "canceled" | "refused" | "deleted";
            job_id?: string;
            /** @description Of its job; result needs no credentials. */
            links?: {
                self: string;
                result: string;
            };
            error?: {
                /** @enum {string} */
                code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                message: string;
                retryable: boolean;
                /** @description The field at fault. */
                param?: string;
                allowed?: (string | number | boolean)[];
            };
        };
        BatchList: {
            batches: {
                /** @example bat_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k */
                id: string;
                /**
                 * @description succeeded: every line has ended, whatever came of it; failed: it could not be read as a batch; canceled: it was, and all its jobs have ended.
                 * @enum {string}
                 */
                status: "running" | "succeeded" | "failed" | "canceled";
                /** @enum {string} */
                format: "json" | "jsonl" | "csv";
                /** @description The file of generate-inbox that it came as. */
                file?: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                canceled_at?: string;
                /** Format: date-time */
                finished_at?: string;
                /**
                 * Format: date-time
                 * @description From then on it may be removed (RETENTION_DAYS).
                 */
                expires_at?: string;
                /** @description How many lines it has. */
                total: number;
                /** @description Why it could not be read as a batch. */
                error?: {
                    /** @enum {string} */
                    code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                    message: string;
                    retryable: boolean;
                    /** @description The field at fault. */
                    param?: string;
                    allowed?: (string | number | boolean)[];
                };
                links: {
                    self: string;
                    cancel: string;
                };
            }[];
            /** @description Of the next page; absent on the last one. */
            next_cursor?: string;
        };
        IssuedToken: {
            /** @description Sent as `Authorization: Bearer TOKEN`, wherever a key is taken. */
            token: string;
            id: string;
            subject: string;
            scopes: ("generate" | "edit" | "read")[];
            /** Format: date-time */
            expires_at: string;
            max_jobs: number;
            models?: string[];
            tags?: string[];
            max_spend?: {
                amount: number;
                currency: string;
            };
        };
        /** @description One line for each day, model and set of tags, latest first. Jobs that were deleted aren't in it. */
        UsageReport: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @description Shared with the subjects of your tokens; with a token, its `max_spend`. */
            budget?: components["schemas"]["BudgetState"];
            lines: {
                /**
                 * Format: date
                 * @description When the jobs came, in UTC.
                 */
                day: string;
                model: string;
                tags: string[];
                jobs: number;
                /** @description Of them: what they make is not counted yet. */
                open_jobs: number;
                images: number;
                input_tokens: number;
                output_tokens: number;
                /** @description Sum of the jobs' `cost.actual`, where there are prices. */
                cost?: {
                    currency: string;
                    actual: number;
                };
            }[];
        };
        OperatorJobList: {
            jobs: components["schemas"]["OperatorJob"][];
            next_cursor?: string;
        };
        OperatorJob: {
            /** @example job_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k */
            id: string;
            /** @enum {string} */
            kind: "generation" | "edit";
            /** @enum {string} */
            status: "queued" | "running" | "succeeded" | "failed" | "canceled";
            /** @description Absent, as deployment, on a job that was refused before one was chosen. */
            model?: string;
            deployment?: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            started_at?: string;
            /** Format: date-time */
            finished_at?: string;
            /**
             * Format: date-time
             * @description From then on the job and its images may be removed (RETENTION_DAYS).
             */
            expires_at?: string;
            progress: number;
            /** @enum {string} */
            priority?: "low" | "normal" | "high";
            waiting?: components["schemas"]["Waiting"];
            /**
             * Format: date-time
             * @description When an open job will probably end, by what such calls took; where its pool is known.
             */
            estimated_end?: string;
            /**
             * @description IPTC's term for what made the images. Files made anew from them say it in their XMP; provenance of an image tells what the stored file says.
             * @enum {string}
             */
            digital_source_type?: "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia";
            /** @description What was asked, defaults filled in. */
            request: {
                [key: string]: unknown;
            };
            /** @description What was asked of a model that another one stands in for (MODEL_ALIASES), as far as it was mapped; model and request say what ran. Images are made the size asked. */
            requested?: {
                model: string;
                size?: string;
                quality?: string;
                style?: string;
                response_format?: string;
            };
            tags?: string[];
            metadata?: {
                [key: string]: string;
            };
            images: components["schemas"]["Image"][];
            /** @description While it runs with partial_images: the newest of each image that isn't there yet. */
            partials?: {
                /** @description The image that it becomes. */
                index: number;
                /** @description 0 for the coarsest. */
                partial_index: number;
                content_type: string;
                /** Format: uri */
                url: string;
                /** Format: date-time */
                url_expires_at: string;
            }[];
            failures: components["schemas"]["Failure"][];
            /** @description Why no image came of it; only on a failed job. */
            error?: {
                /** @enum {string} */
                code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                message: string;
                retryable: boolean;
                /** @description Of the image. */
                content_filter_results?: components["schemas"]["FilterResults"];
                /** @description Of the prompt. */
                prompt_filter_results?: components["schemas"]["FilterResults"];
            };
            usage?: components["schemas"]["Usage"];
            cost?: components["schemas"]["Cost"];
            /** @description Upstream calls made again because the end of an earlier one is unknown; each may be billed twice. */
            repeated_calls?: number;
            /** @description Who is told of the end, and of which; only the address's host is shown. */
            webhook?: {
                url: string;
                events: ("job.succeeded" | "job.failed" | "job.canceled")[];
            };
            /** @description Upstream calls that brought nothing and whose end nobody saw, such as one that a cancellation or the deadline cut off; each may be billed. */
            unanswered_calls?: number;
            links: {
                /** Format: uri */
                self: string;
                /**
                 * Format: uri
                 * @description Signed: to poll for the end without other credentials.
                 */
                result: string;
                /**
                 * Format: uri
                 * @description Signed: to watch without other credentials.
                 */
                events: string;
                /** Format: uri */
                cancel: string;
            };
            /**
             * @description Whose it is.
             * @example key:phone
             */
            caller: string;
        };
        OperatorUsageReport: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            budgets: {
                amount: number;
                currency: string;
                /** @enum {string} */
                period: "day" | "month" | "token";
                /** @description In this period, by jobs that have ended. */
                spent: number;
                /** @description What open jobs may still cost. */
                reserved: number;
                left: number;
                /**
                 * Format: date-time
                 * @description Absent on what a token may spend.
                 */
                renews_at?: string;
                caller: string;
            }[];
            lines: {
                /**
                 * Format: date
                 * @description When the jobs came, in UTC.
                 */
                day: string;
                model: string;
                tags: string[];
                jobs: number;
                /** @description Of them: what they make is not counted yet. */
                open_jobs: number;
                images: number;
                input_tokens: number;
                output_tokens: number;
                /** @description Sum of the jobs' `cost.actual`, where there are prices. */
                cost?: {
                    currency: string;
                    actual: number;
                };
                caller: string;
            }[];
        };
        CallerList: {
            callers: components["schemas"]["Caller"][];
        };
        Caller: {
            name: string;
            /**
             * @description `settings`: an entry of API_KEYS.
             * @enum {string}
             */
            source: "settings" | "table";
            scopes: ("generate" | "edit" | "read" | "operator")[];
            /** Format: date-time */
            created_at?: string;
            /** Format: date-time */
            expires_at?: string;
            keys: components["schemas"]["CallerKey"][];
            /** @description What it was given here; else CALLER_LIMITS says. */
            limits?: components["schemas"]["CallerLimits"];
        };
        CallerKey: {
            /** @description Tells keys apart; opens nothing. */
            id: string;
            /** Format: date-time */
            created_at?: string;
            /** Format: date-time */
            expires_at?: string;
            /** Format: date-time */
            revoked_at?: string;
        };
        /** @description A key, which is shown this once. */
        NewKey: {
            name: string;
            id: string;
            key: string;
            /** Format: date-time */
            expires_at?: string;
        };
        Service: {
            /**
             * @description What becomes of new jobs: `open` takes them, `draining` refuses them with 503, `paused` records them and begins none.
             * @enum {string}
             */
            mode: "open" | "draining" | "paused";
        };
        AuditList: {
            entries: {
                /** Format: date-time */
                at: string;
                operator: string;
                act: string;
                target: string;
                request_id: string;
                /** @description Status, or the error's code; absent: cut off. */
                outcome?: string;
            }[];
        };
        DeliveryList: {
            /** @description Empty until the job has ended, or when its webhook wasn't to be told of that. */
            deliveries: components["schemas"]["Delivery"][];
        };
        Delivery: {
            /**
             * @description The webhook-id of its messages, the same for every try.
             * @example dlv_7zxw0n3k1c5q8v2m4t6y9b3d5f7h9j1k
             */
            id: string;
            /** @enum {string} */
            event: "job.succeeded" | "job.failed" | "job.canceled";
            /**
             * @description disabled: the receiver answered 410. failed: every try was in vain.
             * @enum {string}
             */
            status: "pending" | "delivered" | "disabled" | "failed";
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            next_attempt_at?: string;
            attempts: components["schemas"]["DeliveryAttempt"][];
        };
        DeliveryAttempt: {
            /** Format: date-time */
            at: string;
            duration_ms: number;
            /** @description What the receiver answered; absent when it didn't. */
            status?: number;
            /** @description Why this wasn't a delivery. */
            failure?: string;
        };
        Share: {
            id: string;
            index: number;
            /**
             * Format: uri
             * @description The picture itself, for anyone who has this address: no key, no header. Good until it is revoked.
             */
            url: string;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description Absent: when its job goes.
             */
            expires_at?: string;
        };
        ShareList: {
            shares: components["schemas"]["Share"][];
        };
        JobList: {
            jobs: components["schemas"]["Job"][];
            /** @description Pass it as cursor to read on. Absent on the last page; a page may be short before that. */
            next_cursor?: string;
        };
        /** @description Data of one message of the stream. The event that ends the job is the last; a stream that ends without one is to be opened again with Last-Event-ID. */
        JobEvent: {
            /** @enum {string} */
            type: "job.queued" | "job.running" | "job.waiting" | "job.succeeded" | "job.failed" | "job.canceled" | "image.partial" | "image.succeeded" | "image.refused" | "image.failed";
            job_id: string;
            /** Format: date-time */
            created_at: string;
            /** @description The image, on events of images. */
            index?: number;
            /** @description On job.waiting, once for each reason. */
            waiting?: components["schemas"]["Waiting"];
            /** @description On image.succeeded. */
            image?: components["schemas"]["Image"];
            /** @description On image.refused and image.failed. */
            failure?: components["schemas"]["Failure"];
            /** @description On image.partial: 0 for the coarsest. */
            partial_index?: number;
            content_type?: string;
            /**
             * Format: uri
             * @description On image.partial: read-only link to the picture so far.
             */
            url?: string;
            /** Format: date-time */
            url_expires_at?: string;
            /** @description On image.partial, when asked with inline=1. */
            b64_json?: string;
            /** @description On the event that ends the job: all of it. */
            job?: components["schemas"]["Job"];
        };
        /** @description A job that ended without an image: its reason, and the job. */
        FailedResult: {
            error: {
                /** @enum {string} */
                code: "invalidRequest" | "contentFilter" | "unauthorized" | "forbidden" | "notFound" | "conflict" | "expired" | "tooLarge" | "unsupportedMedia" | "idempotencyMismatch" | "throttled" | "budgetExceeded" | "deadlineExceeded" | "accountBlocked" | "upstreamRejected" | "upstreamUnavailable" | "internal";
                message: string;
                /** @description The field at fault, as written in the request. */
                param?: string;
                allowed?: (string | number | boolean)[];
                /** @description Every broken rule, when there is more than one. */
                details?: {
                    param: string;
                    message: string;
                    allowed?: (string | number | boolean)[];
                }[];
                retryable: boolean;
                request_id: string;
            };
            job: components["schemas"]["Job"];
        };
        ModelList: {
            models: {
                model: string;
                /** @description The model that stands in for this one, whose name is an alias (MODEL_ALIASES). */
                runs_on?: string;
                deployments: string[];
                /** @enum {string} */
                protocol: "submit-poll" | "one-per-call" | "many-per-call";
                /** @description Characters of a prompt at most, in code points. */
                prompt_limit: number;
                max_images: number;
                sizes: string[];
                qualities?: string[];
                styles?: string[];
                backgrounds?: string[];
                moderations?: string[];
                output_formats?: string[];
                response_formats?: string[];
                input_fidelities?: string[];
                /** @description Further parameters, each with type, values, minimum, maximum. */
                parameters?: {
                    [key: string]: {
                        [key: string]: unknown;
                    };
                };
                edits: boolean;
                /** @description What an edit may bring; absent where the model can't edit. */
                edit_limits?: {
                    images: number;
                    /** @description Sent to the model as they are. */
                    input_types: string[];
                    /** @description Made into PNG first. */
                    converted_types: string[];
                    image_bytes: number;
                    mask_bytes: number;
                    default_size: string;
                };
                streaming: boolean;
                /** @description Where there are any (PRICES). The entry that says most of an image counts. */
                prices?: {
                    /** @description Absent: any; so is quality. */
                    size?: string;
                    quality?: string;
                    currency: string;
                    per_image?: number;
                    per_million_tokens?: {
                        input: number;
                        output: number;
                    };
                }[];
                defaults: {
                    [key: string]: string;
                };
            }[];
        };
        Health: {
            /** @enum {string} */
            status: "ok" | "degraded";
            /**
             * @description Of the app.
             * @example 0.1.0
             */
            version: string;
            /**
             * @description Hash of what was built: equal where the same package runs.
             * @example 3f1a9c04d2be
             */
            build: string;
            checks: {
                /** @enum {string} */
                host: "ok";
                /** @enum {string} */
                storage: "ok" | "unreachable";
                /** @enum {string} */
                configuration: "ok";
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
