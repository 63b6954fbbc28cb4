namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>What a request item adds to the request.</summary>
internal enum RequestItemKind
{
    /// <summary><c>Name:value</c>: a header field.</summary>
    Header,

    /// <summary><c>name==value</c>: a query parameter.</summary>
    Query,

    /// <summary><c>name=value</c>: a text field of the body.</summary>
    Field,

    /// <summary><c>name:=json</c>: a JSON field of the body.</summary>
    Json,

    /// <summary><c>name@file</c>: a file of a multipart body.</summary>
    File,
}
