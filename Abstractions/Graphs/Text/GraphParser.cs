using System.Collections.Immutable;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads graphs: a node or a keyword begins each line.</summary>
internal sealed class GraphParser
{
    private readonly TextCursor cursor;
    private readonly ValueParser values;
    private readonly NodeParser nodeParser;
    private readonly LibraryParser library;
    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
    private GraphVersions? versions;
    private UnknownFields unknown;

    public GraphParser(TextCursor cursor)
    {
        this.cursor = cursor;
        values = new(cursor);
        nodeParser = new(cursor, values);
        library = new(cursor, values, nodeParser);
    }

    public Graph Parse()
    {
        while (!cursor.IsAtEnd)
            ReadLine();
        return new(nodes.ToImmutable(), library.Read(), versions, unknown);
    }

    public Node ParseNode()
    {
        string name = cursor.Name("the name of a node");
        Node node = nodeParser.Rest(name);
        return cursor.IsAtEnd ? node : throw cursor.Expected("the end of the node");
    }

    private void ReadLine()
    {
        cursor.BeginLine();
        bool isQuoted = cursor.Sees('"');
        string word = cursor.Name("the name of a node");
        if (isQuoted || cursor.Sees('=') || !TryReadKeyword(word))
            nodes.Add(nodeParser.Rest(word));
    }

    private bool TryReadKeyword(string word)
    {
        switch (word)
        {
            case "versions":
                var reader = new FieldReader(cursor, values);
                versions = new GraphVersions(reader.Int32("producer"), reader.Int32("min_consumer"), reader.Int32s("bad_consumers"))
                {
                    UnknownFields = reader.End(),
                };
                return true;
            case "graph":
                unknown = cursor.UnknownFields();
                return true;
            default:
                return library.TryReadKeyword(word);
        }
    }
}
