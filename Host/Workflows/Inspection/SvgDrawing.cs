using System.Globalization;
using System.Net;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Inspection;

/// <summary>A graph as a drawing: boxes in rows along the flow, the op above the name.</summary>
public static class SvgDrawing
{
    /// <summary>Most nodes that a drawing can show.</summary>
    public const int MostNodes = 2000;

    private const int CharacterWidth = 7;
    private const int BoxHeight = 36;
    private const int Gap = 16;
    private const int RowHeight = 76;

    /// <summary>The drawing as SVG.</summary>
    public static string Write(Graph graph)
    {
        var layout = new LayeredLayout(graph);
        int width = layout.Rows.Select(RowWidth).DefaultIfEmpty(0).Max() + 2 * Gap;
        var centers = new Dictionary<string, (int X, int Y)>(StringComparer.Ordinal);
        var boxes = new StringBuilder();
        for (int r = 0; r < layout.Rows.Length; r++)
        {
            int x = (width - RowWidth(layout.Rows[r])) / 2;
            foreach (Node node in layout.Rows[r])
            {
                centers[node.Name] = (x + BoxWidth(node) / 2, Gap + r * RowHeight);
                boxes.Append(Box(node, x, Gap + r * RowHeight));
                x += BoxWidth(node) + Gap;
            }
        }
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {layout.Rows.Length * RowHeight + Gap}\" font-family=\"sans-serif\" font-size=\"11\">\n");
        text.Append("<defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#5b6672\"/></marker></defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        foreach (Node node in graph.Nodes)
        {
            foreach (NodeInput input in node.Inputs.Where(input => centers.ContainsKey(input.Node)))
                text.Append(Edge(centers[input.Node], centers[node.Name], input.IsControl));
        }
        return text.Append(boxes).Append("</svg>\n").ToString();
    }

    private static string Box(Node node, int x, int y) => string.Create(CultureInfo.InvariantCulture,
        $"<g><title>{WebUtility.HtmlEncode(node.ToString())}</title><rect x=\"{x}\" y=\"{y}\" width=\"{BoxWidth(node)}\" height=\"{BoxHeight}\" rx=\"5\" fill=\"{(node.Op is "Const" ? "#f4f6f8" : node.Op.StartsWith("Placeholder", StringComparison.Ordinal) ? "#d9f2e3" : "#e3edf9")}\" stroke=\"#5b6672\"/><text x=\"{x + 8}\" y=\"{y + 15}\" font-weight=\"bold\">{WebUtility.HtmlEncode(node.Op)}</text><text x=\"{x + 8}\" y=\"{y + 29}\" fill=\"#5b6672\">{WebUtility.HtmlEncode(node.Name)}</text></g>\n");

    private static string Edge((int X, int Y) from, (int X, int Y) to, bool isControl)
    {
        int start = from.Y + BoxHeight, bend = Math.Max(20, (to.Y - start) / 2);
        return string.Create(CultureInfo.InvariantCulture, $"<path d=\"M{from.X} {start}C{from.X} {start + bend} {to.X} {to.Y - bend} {to.X} {to.Y}\" fill=\"none\" stroke=\"#5b6672\"{(isControl ? " stroke-dasharray=\"4 3\"" : "")} marker-end=\"url(#arrow)\"/>\n");
    }

    private static int RowWidth(Node[] row) => row.Sum(node => BoxWidth(node) + Gap) - Gap;

    private static int BoxWidth(Node node) => Math.Max(node.Op.Length + 1, node.Name.Length) * CharacterWidth + Gap;
}
