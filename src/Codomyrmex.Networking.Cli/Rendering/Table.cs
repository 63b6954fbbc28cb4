namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Rows of text in columns as wide as their content.</summary>
internal sealed class Table(string indent = "")
{
    private readonly List<(string Text, Style Style)[]> _rows = [];

    public Table Row(params (string Text, Style Style)[] cells)
    {
        _rows.Add(Array.ConvertAll(cells, cell => (ControlText.Escape(cell.Text), cell.Style)));
        return this;
    }

    public void WriteTo(TextOutput output)
    {
        var columns = _rows.Count == 0 ? 0 : _rows.Max(row => row.Length);
        var widths = new int[columns];
        // The last cell of a row pushes nothing to the right.
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length - 1; i++)
                widths[i] = Math.Max(widths[i], row[i].Text.Length);
        }
        foreach (var row in _rows)
        {
            output.Write(indent);
            for (var i = 0; i < row.Length; i++)
            {
                output.Write(row[i].Text, row[i].Style);
                if (i < row.Length - 1)
                    output.Write(new string(' ', widths[i] - row[i].Text.Length + 2));
            }
            output.Line();
        }
    }
}
