namespace Codomyrmex.Networking.Http.Internal;

/// <summary>The options of curl that a request can be read from.</summary>
internal enum CurlOption
{
    Unknown,
    Agent,
    Bearer,
    Compressed,
    ConnectTimeout,
    Cookie,
    Data,
    DataBinary,
    DataRaw,
    DataUrlEncode,
    Form,
    FormString,
    Get,
    Head,
    Header,
    Http11,
    Http2,
    Insecure,
    Json,
    Location,
    MaxRedirects,
    MaxTime,
    Method,
    Referer,
    Upload,
    Url,
    User,

    /// <summary>It says how curl shows or stores the answer.</summary>
    Shown,
}
