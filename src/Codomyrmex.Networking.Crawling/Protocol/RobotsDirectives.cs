namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>What a page asks of crawlers: <c>meta name=robots</c> and the field <c>X-Robots-Tag</c>.</summary>
[Flags]
internal enum RobotsDirectives
{
    None = 0,
    NoIndex = 1,
    NoFollow = 2,
}
