namespace TransformFramework.Graphs.Text;

/// <summary>Writes graphs: versions, nodes, functions, and unknown fields last.</summary>
internal sealed class GraphPrinter(TextWriter output, GraphTextOptions options)
{
    private readonly ValuePrinter values = new(output, options);

    public void Write(Graph graph)
    {
        if (graph.Versions is { } versions)
            Write(versions);
        foreach (Node node in graph.Nodes)
        {
            Write(node);
            output.Write('\n');
        }
        if (!graph.Functions.IsEmpty)
            new LibraryPrinter(output, values, Write).Write(graph.Functions);
        if (!graph.UnknownFields.IsEmpty)
            WriteLine("graph", AttributeMap.Empty, graph.UnknownFields);
    }

    public void Write(Node node)
    {
        values.Name(node.Name);
        output.Write(" = ");
        values.Name(node.Op);
        output.Write('(');
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (i > 0)
                output.Write(", ");
            values.Input(node.Inputs[i].Text);
        }
        output.Write(')');
        if (node.Device.Length > 0)
        {
            output.Write(" @");
            QuotedText.Write(output, node.Device);
        }
        if (node.Attributes.Count > 0)
        {
            output.Write(' ');
            values.Map(node.Attributes);
        }
        values.Unknown(node.UnknownFields);
    }

    private void Write(GraphVersions versions)
    {
        AttributeMap map = AttributeMap.Empty;
        if (versions.Producer != 0)
            map = map.With("producer", versions.Producer);
        if (versions.MinConsumer != 0)
            map = map.With("min_consumer", versions.MinConsumer);
        if (!versions.BadConsumers.IsEmpty)
            map = map.With("bad_consumers", new ListValue([.. versions.BadConsumers.Select(version => (AttributeValue)version)]));
        output.Write("versions {");
        values.Entries(map);
        output.Write('}');
        values.Unknown(versions.UnknownFields);
        output.Write('\n');
    }

    private void WriteLine(string keyword, AttributeMap map, UnknownFields unknown)
    {
        output.Write(keyword);
        if (map.Count > 0)
        {
            output.Write(' ');
            values.Map(map);
        }
        values.Unknown(unknown);
        output.Write('\n');
    }
}
