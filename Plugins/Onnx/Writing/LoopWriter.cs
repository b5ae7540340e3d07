using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>What a loop does, however the graph spells it.</summary>
/// <param name="Initial">The variables before the loop.</param>
/// <param name="Counters">Which variables count iterations from 0.</param>
/// <param name="IsJoined">Which variables are lists whose elements are joined after the loop.</param>
/// <param name="Condition">Writes, for some values of the variables, whether another iteration follows.</param>
/// <param name="Body">Writes, for the variables in an iteration, those of the next.</param>
internal sealed record LoopParts(
    IReadOnlyList<WrittenValue> Initial, IReadOnlyList<bool> Counters, IReadOnlyList<bool> IsJoined, Func<OnnxGraph, IReadOnlyList<WrittenValue>, Operand> Condition, Func<GraphWriter, IReadOnlyList<WrittenValue>, IReadOnlyList<WrittenValue>> Body);

/// <summary>
/// Writes loops as Loop: its condition is computed before the loop and at the end of each iteration. Lists to which each iteration adds an element become scan outputs; variables that never change
/// are read from around.
/// </summary>
internal static class LoopWriter
{
    private const int MostWritings = 4;

    /// <returns>The variables after the loop.</returns>
    public static IReadOnlyList<WrittenValue> Write(NodeWriter node, LoopParts parts)
    {
        GraphWriter outer = node.Graph;
        TensorShape[] shapes = [.. parts.Initial.Select(value => value.List is null ? value.Info.Shape : TensorShape.Unknown)];
        bool[] isFixed = [.. parts.Initial.Select(_ => false)];
        for (int writing = 0; ; writing++)
        {
            var body = new GraphWriter(outer.Context, outer.Graph, outer);
            string prefix = node.Node.Name;
            string iteration = outer.Context.Fresh($"{prefix}/iteration");
            string goesOn = outer.Context.Fresh($"{prefix}/condition");
            body.Target.Inputs.Add(new(iteration, new OnnxType(ElementTypes.Int64, TensorShape.Scalar)));
            body.Target.Inputs.Add(new(goesOn, new OnnxType(ElementTypes.Bool, TensorShape.Scalar)));
            WrittenValue[] variables = new WrittenValue[parts.Initial.Count];
            for (int i = 0; i < variables.Length; i++)
                variables[i] = Variable(body, parts, i, isFixed[i], shapes[i], $"{prefix}/variable_{i}");
            IReadOnlyList<WrittenValue> next = parts.Body(body, variables);
            bool[] unchanged = [.. variables.Select((value, i) => ReferenceEquals(next[i], value) && !parts.Counters[i])];
            TensorShape[] seen = [.. next.Select((value, i) => value.List is not null || unchanged[i] ? shapes[i] : ValueInfo.Common(new(value.Info.Type, shapes[i]), value.Info).Shape)];
            if (writing < MostWritings && (!seen.SequenceEqual(shapes) || !unchanged.SequenceEqual(isFixed)))
            {
                shapes = writing == MostWritings - 1 ? [.. seen.Select((shape, i) => shape.Equals(shapes[i]) ? shape : TensorShape.Unknown)] : seen;
                isFixed = unchanged;
                continue;
            }
            return Finish(node, parts, body, variables, next, isFixed, shapes);
        }
    }

    private static WrittenValue Variable(GraphWriter body, LoopParts parts, int index, bool isFixed, TensorShape shape, string wish)
    {
        WrittenValue initial = parts.Initial[index];
        if (isFixed || initial.List is not null)
            return initial.List is null ? initial : new WrittenValue(initial.Operand) { List = initial.List };
        string name = body.Context.Fresh(wish);
        DataType type = ElementTypes.ToDataType(ElementTypes.Of(initial.Info.Type));
        var operand = new Operand(new ValueInfo(type, shape), name);
        body.Context.Operands[name] = operand;
        body.Target.Inputs.Add(new(name, new OnnxType(ElementTypes.Of(type), shape)));
        return new WrittenValue(operand) { IsCounter = parts.Counters[index] };
    }

    private static IReadOnlyList<WrittenValue> Finish(
        NodeWriter node, LoopParts parts, GraphWriter body, WrittenValue[] variables, IReadOnlyList<WrittenValue> next, bool[] isFixed, TensorShape[] shapes)
    {
        GraphWriter outer = node.Graph;
        Operand again = parts.Condition(body.Target, next);
        AddOutput(body, again);
        List<Operand?> inputs = [null, parts.Condition(outer.Target, parts.Initial)];
        var infos = new List<ValueInfo>();
        var carried = new List<int>();
        for (int i = 0; i < variables.Length; i++)
        {
            if (isFixed[i] || parts.Initial[i].List is not null)
                continue;
            carried.Add(i);
            inputs.Add(Original(outer, parts.Initial[i]));
            AddOutput(body, Original(body, next[i]));
            infos.Add(new(variables[i].Info.Type, shapes[i]));
        }
        var joined = new List<int>();
        var lists = new List<int>();
        for (int i = 0; i < variables.Length; i++)
        {
            if (parts.IsJoined[i] && next[i].List?.Added is { } part)
            {
                joined.Add(i);
                infos.Add(Join(node, body, inputs, part));
            }
        }
        for (int i = 0; i < variables.Length; i++)
        {
            if (next[i].List?.Added is not { } added || joined.Contains(i))
                continue;
            lists.Add(i);
            AddOutput(body, added);
            infos.Add(new(added.Info.Type, added.Info.Shape.IsUnknownRank ? added.Info.Shape : TensorShape.Of([-1, .. added.Info.Shape.Dimensions])));
        }
        var loop = new OnnxNode("Loop", "", [], [], new Dictionary<string, object> { ["body"] = body.Target });
        Operand[] results = infos.Count == 0 ? [] : RecurrentWriter.TryWrite(node, body, inputs) ?? outer.Add(node.Node.Name, loop, inputs, infos);
        var after = parts.Initial.ToArray();
        for (int i = 0; i < carried.Count; i++)
            after[carried[i]] = new WrittenValue(results[i]);
        for (int i = 0; i < joined.Count; i++)
            after[joined[i]] = new WrittenValue(results[carried.Count + i]) { List = new WrittenList(null) { Joined = results[carried.Count + i] } };
        for (int i = 0; i < lists.Count; i++)
            after[lists[i]] = new WrittenValue(results[carried.Count + joined.Count + i]) { List = new WrittenList(results[carried.Count + joined.Count + i]) };
        return after;
    }

    /// <summary>Lets the loop carry what its iterations have added so far, joined; gives what is known of it.</summary>
    private static ValueInfo Join(NodeWriter node, GraphWriter body, List<Operand?> inputs, Operand part)
    {
        TensorShape shape = part.Info.Shape;
        bool isKnown = shape.Rank > 0 && shape.Dimensions.Skip(1).All(dimension => dimension >= 0);
        if (!isKnown)
            throw OnnxDiagnostics.Decline("joined parts of unknown width");
        DataType type = part.Info.Type;
        TensorShape open = TensorShape.Of([-1, .. shape.Dimensions.Skip(1)]);
        string name = body.Context.Fresh($"{node.Node.Name}/joined");
        var soFar = new Operand(new ValueInfo(type, open), name);
        body.Context.Operands[name] = soFar;
        body.Target.Inputs.Add(new(name, new OnnxType(ElementTypes.Of(type), open)));
        inputs.Add(node.Const(Tensor.FromContent(type, TensorShape.Of([0, .. shape.Dimensions.Skip(1)]), ReadOnlyMemory<byte>.Empty)));
        AddOutput(body, body.Add("joined", "Concat", [soFar, part], 1, new Dictionary<string, object> { ["axis"] = 0L })[0]);
        return new(type, open);
    }

    private static Operand Original(GraphWriter writer, WrittenValue value) => value[Layout.Original] ?? writer.Transposed(value);

    /// <summary>Adds an output to a body; what it does not compute itself is copied.</summary>
    public static void AddOutput(GraphWriter body, Operand operand)
    {
        string name = operand.Name ?? "";
        bool isOwn = name.Length > 0 && body.Computes(operand) && body.Target.Outputs.TrueForAll(output => output.Name != name);
        if (!isOwn)
        {
            name = body.Context.Fresh("result");
            body.AddCopy(operand, name);
        }
        body.Target.Outputs.Add(new(name, new OnnxType(ElementTypes.Of(operand.Info.Type), operand.Info.Shape)));
    }
}
