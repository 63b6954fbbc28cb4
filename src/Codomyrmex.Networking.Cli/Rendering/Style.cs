namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>How text looks on a terminal with colour; the value is the parameter of the escape sequence (ECMA-48, SGR).</summary>
internal enum Style
{
    Plain = 0,
    Bold = 1,
    Dim = 2,
    Red = 31,
    Green = 32,
    Yellow = 33,
    Blue = 34,
    Magenta = 35,
    Cyan = 36,
}
