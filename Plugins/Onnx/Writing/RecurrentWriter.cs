using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Writes a loop whose body is made of recurrent cells, one behind the other, as LSTM and GRU: a node a cell.</summary>
internal sealed class RecurrentWriter
{
    private readonly NodeWriter node;
    private readonly LoopBody body;
    private readonly long steps;
    private readonly Dictionary<string, WrittenCell> written = new(StringComparer.Ordinal);

    private RecurrentWriter(NodeWriter node, LoopBody body, long steps)
    {
        this.node = node;
        this.body = body;
        this.steps = steps;
    }

    /// <summary>What the loop would give, in the order of its outputs; null when it must stay a loop.</summary>
    /// <param name="node">The node that the loop is written for.</param>
    /// <param name="writer">The body, which is complete.</param>
    /// <param name="initial">What the loop reads.</param>
    public static Operand[]? TryWrite(NodeWriter node, GraphWriter writer, IReadOnlyList<Operand?> initial)
    {
        var loop = new LoopBody(writer, initial);
        if (loop.Iterations() is not { } steps || Cells(loop) is not { Length: > 0 } cells)
            return null;
        var recurrent = new RecurrentWriter(node, loop, steps);
        string[] results = [.. writer.Target.Outputs.Skip(1).Select(output => loop.Resolve(output.Name))];
        if (!recurrent.IsCovered(cells, results, initial.Count - 2))
            return null;
        foreach (RecurrentCell cell in cells)
            recurrent.Write(cell);
        return [.. results.Select((result, i) => recurrent.Result(result, isSequence: i >= loop.Variables.Count))];
    }

    /// <summary>The cells in the order of their data: those first that read what comes from outside.</summary>
    private static RecurrentCell[]? Cells(LoopBody body)
    {
        RecurrentCell[] found = [.. body.Variables.Select(variable => RecurrentCell.Of(body, variable)).OfType<RecurrentCell>()];
        var ordered = new List<RecurrentCell>();
        while (ordered.Count < found.Length)
        {
            RecurrentCell[] ready = [.. found.Except(ordered).Where(cell => Sequence(body, cell.Input) is not null || ordered.Exists(before => body.IsSame(before.Hidden.Next, cell.Input)))];
            if (ready.Length == 0)
                return null;
            ordered.AddRange(ready);
        }
        return [.. ordered];
    }

    /// <summary>True when the loop gives nothing but what the cells and the counting give.</summary>
    private bool IsCovered(RecurrentCell[] cells, string[] results, int carried)
    {
        bool isRead = cells.Where(cell => Sequence(body, cell.Input) is not null).All(cell => Sequence(body, cell.Input)!.Info.Shape is { Rank: 3 } shape && shape[0] == steps);
        return isRead && results.Select((result, i) => (result, i)).All(pair => pair.i < carried
            ? body.IsCounter(body.Variables[pair.i]) || Array.Exists(cells, cell => cell.Hidden == body.Variables[pair.i] || cell.Memory == body.Variables[pair.i])
            : Array.Exists(cells, cell => body.IsSame(cell.Hidden.Next, pair.result)));
    }

    /// <summary>The tensor of whose rows a name is the one of the iteration, or null.</summary>
    private static Operand? Sequence(LoopBody body, string name) =>
        body.Producer(name, "Gather") is { } row && row.Attributes.GetValueOrDefault("axis") is 0L && body.IsIteration(row.Inputs[1]) ? body.Outer(row.Inputs[0]) : null;

    private void Write(RecurrentCell cell)
    {
        int size = cell.Size;
        int width = cell.InputSums[0].Matrix.Length / size;
        Operand data = Sequence(body, cell.Input) ?? written[body.Resolve(cell.Input)].Sequence;
        TensorShape state = body.Info(cell.Hidden.Name)?.Shape is { Rank: 2 } known ? known : TensorShape.Of(-1, size);
        float[] bias = [.. cell.InputSums.SelectMany(gate => gate.Bias), .. cell.HiddenSums.SelectMany(gate => gate.Bias)];
        List<Operand?> inputs =
        [
            data, Weights(cell.InputSums, width, size), Weights(cell.HiddenSums, size, size),
            node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(1, bias.Length), bias)), null, Initial(cell.Hidden), cell.Memory is null ? null : Initial(cell.Memory),
        ];
        var attributes = new Dictionary<string, object> { ["hidden_size"] = (long)size };
        if (cell.IsResetBehind)
            attributes["linear_before_reset"] = 1L;
        var last = new ValueInfo(DataType.Float, TensorShape.Of(1, state[0], state[1]));
        ValueInfo[] infos = [new(DataType.Float, TensorShape.Of(steps, 1, state[0], state[1])), last, .. cell.Memory is null ? Array.Empty<ValueInfo>() : [last]];
        Operand[] outputs = node.Graph.Add($"{node.Node.Name}/{cell.Op}", new OnnxNode(cell.Op, "", [], [], attributes), inputs, infos);
        written[body.Resolve(cell.Hidden.Next)] = new(node.Squeeze(outputs[0], 1), node.Squeeze(outputs[1], 0));
        if (cell.Memory is not null)
            written[body.Resolve(cell.Memory.Next)] = new(outputs[0], node.Squeeze(outputs[2], 0));
    }

    /// <summary>The matrices of all gates, each transposed: [1, gates · size, rows].</summary>
    private Operand Weights(IReadOnlyList<Gate> gates, int rows, int size)
    {
        float[] values = new float[gates.Count * size * rows];
        for (int i = 0; i < values.Length; i++)
        {
            var (gate, place) = Math.DivRem(i, size * rows);
            var (column, row) = Math.DivRem(place, rows);
            values[i] = gates[gate].Matrix[(row * size) + column];
        }
        return node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(1, gates.Count * size, rows), values));
    }

    /// <summary>A state before the loop; zeros are left out.</summary>
    private Operand? Initial(LoopVariable variable) =>
        variable.Initial.Info.Constant is { Type: DataType.Float, IsDecodable: true } constant && !constant.AsSpan<float>().ContainsAnyExcept(0f) ? null : node.Unsqueeze(variable.Initial, 0);

    private Operand Result(string name, bool isSequence) => written.TryGetValue(name, out WrittenCell? cell)
        ? isSequence ? cell.Sequence : cell.Last
        : node.Scalar(body.Variables.First(variable => variable.Next == name).Initial.Info.Type, steps);

    /// <summary>What a cell gives.</summary>
    /// <param name="Sequence">Its results of all steps: [steps, batch, size].</param>
    /// <param name="Last">The one of the last step.</param>
    private sealed record WrittenCell(Operand Sequence, Operand Last);
}
