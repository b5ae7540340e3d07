using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>Makes the graph of one signature: the subgraph's inputs become placeholders, its outputs nodes of their names.</summary>
internal static class GraphReader
{
    private const string DefaultSignature = "serving_default";

    /// <param name="model">The decoded file.</param>
    /// <param name="convert">Adds the nodes of an operator and defines its outputs.</param>
    /// <param name="options">Which signature.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ModelFormatException">The model contradicts itself, or an operator has no counterpart.</exception>
    public static ModelContent Read(TfLiteModel model, Action<OperatorReader> convert, ModelReadOptions options, CancellationToken cancellation)
    {
        ModelVerifier.Verify(model, cancellation);
        TfLiteSignature chosen = Choose(model, options.Signature);
        var functions = new ModelFunctions(model, convert, cancellation);
        var draft = new GraphDraft();
        var reader = new SubgraphReader(functions, chosen.Subgraph, draft);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (int input in reader.Inputs)
            reader.Tensors[input].DefineStored(Input(draft, reader.Tensors[input], taken));
        reader.Run();
        Value[] results = GiveOutputs(draft, reader, taken);
        ImmutableArray<Node> nodes = draft.Build(results, Reference);
        TfLiteSignature[] signatures = model.Signatures.Contains(chosen) ? [.. model.Signatures] : [chosen, .. model.Signatures];
        int[] outputs = [.. reader.Outputs];
        return new ModelContent(new Graph(nodes, functions.Library))
        {
            ChosenSignature = chosen.Key,
            OwnNames = options.Signature is null ? OwnNames(model.Subgraphs[chosen.Subgraph], TensorOf) : null,
            Producer = Producer(model),
            Signatures = [.. signatures.Select(signature => Signature(model, signature, signature == chosen ? TensorOf : null))],
        };

        string TensorOf(int tensor)
        {
            int output = Array.IndexOf(outputs, tensor);
            return Reference(output >= 0 && !reader.Inputs.Contains(tensor) ? results[output] : reader.Tensors[tensor].Stored);
        }
    }

    private static TfLiteSignature Choose(TfLiteModel model, string? name)
    {
        if (name is null && model.Signatures.IsEmpty)
            return Whole(model);
        if (name is null)
        {
            TfLiteSignature[] main = [.. model.Signatures.Where(signature => signature.Subgraph == 0)];
            return main.FirstOrDefault(signature => signature.Key == DefaultSignature) ?? main.FirstOrDefault() ?? Whole(model);
        }
        return model.Signatures.FirstOrDefault(signature => signature.Key == name)
            ?? (model.Signatures.IsEmpty && name == DefaultSignature ? Whole(model) : throw new ModelFormatException($"the model has no signature '{name}'")
            {
                DiagnosticId = TfLiteDiagnostics.UnknownSignature.Id,
                Suggestion = model.Signatures.IsEmpty ? "It has none; leave the signature out." : $"It has: {string.Join(", ", model.Signatures.Select(signature => signature.Key))}.",
            });
    }

    /// <summary>The signature of a main subgraph that the file states none for: its inputs and outputs by the names of their tensors.</summary>
    private static TfLiteSignature Whole(TfLiteModel model)
    {
        TfLiteSubgraph graph = model.Subgraphs[0];
        string key = model.Signatures.Any(signature => signature.Key == DefaultSignature) ? "main" : DefaultSignature;
        return new(key, 0, [.. graph.Inputs.Select(Named)], [.. graph.Outputs.Select(Named)]);

        (string Name, int Tensor) Named(int tensor) => (graph.Tensors[tensor].Name is { Length: > 0 } name ? name : TensorNames.Single("", tensor), tensor);
    }

    private static Value Input(GraphDraft draft, TensorViews input, HashSet<string> taken)
    {
        string name = Fresh(input.Name, taken);
        NodeDraft node = draft.Add("Placeholder", [], ("dtype", input.Tensor.Type.ToGraph()), ("shape", input.Tensor.GraphShape));
        node.Name = name;
        node.IsNamed = true;
        return new(node);
    }

    /// <summary>Names what the subgraph gives. Outputs named <c>Call:0</c>, <c>Call:1</c> are those of one IdentityN.</summary>
    private static Value[] GiveOutputs(GraphDraft draft, SubgraphReader reader, HashSet<string> taken)
    {
        var outputs = reader.Outputs.Select(output => (Tensor: output, Name: TensorNames.Split(reader.Tensors[output].Tensor.Name, output))).ToArray();
        var results = new Value[outputs.Length];
        foreach (var group in outputs.Select((output, i) => (output.Tensor, output.Name, Position: i)).GroupBy(output => output.Name.Node, StringComparer.Ordinal))
        {
            var members = group.OrderBy(member => member.Name.Port).ToArray();
            if (members.Length > 1 && members.Select((member, i) => member.Name.Port == i).All(isNext => isNext) && !taken.Contains(group.Key))
            {
                NodeDraft call = draft.Add("IdentityN", [.. members.Select(member => reader.Tensors[member.Tensor].Stored)]);
                call.Name = Fresh(group.Key, taken);
                call.IsNamed = true;
                foreach (var member in members)
                    results[member.Position] = new(call, member.Name.Port);
                continue;
            }
            foreach (var member in members)
                results[member.Position] = Output(draft, reader.Tensors[member.Tensor].Stored, group.Key, taken);
        }
        return results;
    }

    private static Value Output(GraphDraft draft, Value value, string name, HashSet<string> taken)
    {
        if (value.Node.IsNamed && value.Node.Name == name && value.Port == 0)
            return value;
        NodeDraft node = value.Node.IsNamed || value.Port != 0 || value.Node.Op == "Const" ? draft.Add("Identity", [value]) : value.Node;
        node.Name = Fresh(name, taken);
        node.IsNamed = true;
        return new(node);
    }

    private static string Fresh(string wish, HashSet<string> taken)
    {
        string name = wish;
        for (int i = 1; !taken.Add(name); i++)
            name = string.Create(CultureInfo.InvariantCulture, $"{wish}_{i}");
        return name;
    }

    private static string Reference(Value value) => NodeInput.Data(value.Node.Name, value.Port).Text;

    private static ModelSignature Signature(TfLiteModel model, TfLiteSignature signature, Func<int, string>? tensorOf)
    {
        TfLiteSubgraph graph = model.Subgraphs[signature.Subgraph];
        return new(signature.Key, "", [.. InOrder(signature.Inputs, graph.Inputs).Select(Tensor)], [.. InOrder(signature.Outputs, graph.Outputs).Select(Tensor)]);

        SignatureTensor Tensor((string Name, int Tensor) entry)
        {
            TfLiteTensor tensor = graph.Tensors[entry.Tensor];
            return new(entry.Name, tensorOf is null ? TensorNames.Single(tensor.Name, entry.Tensor) : tensorOf(entry.Tensor), tensor.Type.ToGraph(), tensor.GraphShape);
        }
    }

    /// <summary>The subgraph's inputs and outputs under the names of their tensors, as interpreters list them.</summary>
    private static ModelSignature OwnNames(TfLiteSubgraph graph, Func<int, string> tensorOf)
    {
        return new("", "", [.. graph.Inputs.Select(Tensor)], [.. graph.Outputs.Select(Tensor)]);

        SignatureTensor Tensor(int number) => new(graph.Tensors[number].Name, tensorOf(number), graph.Tensors[number].Type.ToGraph(), graph.Tensors[number].GraphShape);
    }

    /// <summary>The entries in the order of the subgraph's tensors: a signature maps names, it has no order of its own.</summary>
    private static IEnumerable<(string Name, int Tensor)> InOrder(ImmutableArray<(string Name, int Tensor)> entries, ImmutableArray<int> tensors) => entries.OrderBy(entry => (uint)tensors.IndexOf(entry.Tensor));

    private static string Producer(TfLiteModel model)
    {
        string version = model.Metadata.FirstOrDefault(entry => entry.Name == "min_runtime_version") is { Name: not null } entry
            ? System.Text.Encoding.ASCII.GetString(model.Buffers[entry.Buffer].Span).TrimEnd('\0') : "";
        return version.Length == 0 ? model.Description : $"{model.Description} (needs runtime {version})".TrimStart();
    }
}
