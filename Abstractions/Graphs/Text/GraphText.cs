using TransformFramework.Graphs.Text;

namespace TransformFramework.Graphs;

/// <summary>
/// The compact text form of graphs, one node a line: <c>y = Conv2D(x, w:1, ^init) @"/gpu:0" {strides=[1,2,2,1], padding="SAME", T=float}</c>.
/// It shows everything that a graph holds, and reading it back gives an equal graph. <c>docs/graph-text.md</c> has the grammar.
/// </summary>
public static class GraphText
{
    /// <summary>The text of a graph, each line ended by <c>\n</c>.</summary>
    public static string Print(Graph graph, GraphTextOptions? options = null)
    {
        using var output = new StringWriter();
        Write(graph, output, options);
        return output.ToString();
    }

    /// <summary>The text of a node, without a line end.</summary>
    public static string Print(Node node, GraphTextOptions? options = null)
    {
        using var output = new StringWriter();
        new GraphPrinter(output, options ?? GraphTextOptions.Default).Write(node);
        return output.ToString();
    }

    /// <summary>The text of an attribute's value.</summary>
    public static string Print(AttributeValue value, GraphTextOptions? options = null)
    {
        using var output = new StringWriter();
        new ValuePrinter(output, options ?? GraphTextOptions.Default).Write(value);
        return output.ToString();
    }

    /// <summary>Writes the text of a graph.</summary>
    public static void Write(Graph graph, TextWriter output, GraphTextOptions? options = null) =>
        new GraphPrinter(output, options ?? GraphTextOptions.Default).Write(graph);

    /// <summary>Reads a graph.</summary>
    /// <exception cref="GraphTextException">The text is not a graph.</exception>
    public static Graph Parse(string text) => new GraphParser(new TextCursor(text)).Parse();

    /// <summary>Reads one node.</summary>
    /// <exception cref="GraphTextException">The text is not exactly one node.</exception>
    public static Node ParseNode(string text) => new GraphParser(new TextCursor(text)).ParseNode();

    /// <summary>Reads an attribute's value.</summary>
    /// <exception cref="GraphTextException">The text is not exactly one value.</exception>
    public static AttributeValue ParseValue(string text)
    {
        var cursor = new TextCursor(text);
        AttributeValue value = new ValueParser(cursor).Read();
        return cursor.IsAtEnd ? value : throw cursor.Expected("the end of the value");
    }
}
