using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>A recurrent cell that a loop's body computes, with its weights by gate in the order in which ONNX has them.</summary>
/// <param name="Op">LSTM or GRU.</param>
/// <param name="Hidden">The variable that is the cell's result.</param>
/// <param name="Memory">The other variable of an LSTM.</param>
/// <param name="Input">Name of what the cell reads in an iteration.</param>
/// <param name="InputSums">For each gate, what it adds up of the input.</param>
/// <param name="HiddenSums">For each gate, what it adds up of the result of the iteration before.</param>
/// <param name="IsResetBehind">True for a GRU that resets behind the product with its matrix.</param>
internal sealed record RecurrentCell(string Op, LoopVariable Hidden, LoopVariable? Memory, string Input, IReadOnlyList<Gate> InputSums, IReadOnlyList<Gate> HiddenSums, bool IsResetBehind = false)
{
    /// <summary>Width of the result.</summary>
    public int Size => InputSums[0].Bias.Length;

    /// <summary>The cell whose result a variable is, or null.</summary>
    public static RecurrentCell? Of(LoopBody body, LoopVariable variable) => Lstm(body, variable) ?? Gru(body, variable);

    /// <summary>h = σ(o) · tanh(c), c = σ(f) · c + σ(i) · tanh(g).</summary>
    private static RecurrentCell? Lstm(LoopBody body, LoopVariable hidden)
    {
        if (Factors(body, hidden.Next, "Tanh", "Sigmoid") is not ({ } activated, { } output) || body.Variables.FirstOrDefault(variable => body.IsSame(variable.Next, activated.Inputs[0])) is not { } memory)
            return null;
        if (body.Producer(memory.Next, "Add") is not { } sum)
            return null;
        string[] sides = Array.Exists(Sides(body, sum.Inputs[0]), side => body.IsSame(side, memory.Name)) ? [sum.Inputs[0], sum.Inputs[1]] : [sum.Inputs[1], sum.Inputs[0]];
        if (Factors(body, sides[1], "Tanh", "Sigmoid") is not ({ } candidate, { } input) || Beside(body, sides[0], memory.Name) is not { } kept || body.Producer(kept, "Sigmoid") is not { } forget)
            return null;
        LinearSum?[] gates = [.. new[] { input, output, forget, candidate }.Select(gate => LinearSum.Of(body, gate.Inputs[0]))];
        return Divided(body, gates, hidden) is var (source, ofInput, ofHidden) ? new("LSTM", hidden, memory, source, ofInput, ofHidden) : null;
    }

    /// <summary>h = σ(z) · h + (1 - σ(z)) · candidate.</summary>
    private static RecurrentCell? Gru(LoopBody body, LoopVariable hidden)
    {
        if (body.Producer(hidden.Next, "Add") is not { } sum)
            return null;
        foreach (string[] sides in new string[][] { [sum.Inputs[0], sum.Inputs[1]], [sum.Inputs[1], sum.Inputs[0]] })
        {
            if (Beside(body, sides[0], hidden.Name) is not { } update || Sides(body, sides[1]) is not { Length: 2 } factors)
                continue;
            int inverse = Array.FindIndex(factors, factor => body.Producer(factor, "Sub") is { } less && body.IsSame(less.Inputs[1], update) && IsOne(body, less.Inputs[0]));
            if (inverse < 0 || Sigmoid(body, update) is not { } updates || body.Producer(factors[1 - inverse], "Tanh") is not { } candidate)
                continue;
            return ResetBefore(body, hidden, updates, candidate.Inputs[0]) ?? ResetBehind(body, hidden, updates, candidate.Inputs[0]);
        }
        return null;
    }

    /// <summary>candidate = tanh(x · W + (σ(r) · h) · R).</summary>
    private static RecurrentCell? ResetBefore(LoopBody body, LoopVariable hidden, LinearSum updates, string candidate)
    {
        if (LinearSum.Of(body, candidate) is not { } sum)
            return null;
        string? product = sum.Terms.Keys.FirstOrDefault(source => Beside(body, source, hidden.Name) is not null);
        if (product is null || Sigmoid(body, Beside(body, product, hidden.Name)!) is not { } resets)
            return null;
        var terms = sum.Terms.ToDictionary(term => term.Key == product ? hidden.Name : term.Key, term => term.Value, StringComparer.Ordinal);
        return Divided(body, [updates, resets, sum with { Terms = terms }], hidden) is var (source, ofInput, ofHidden) ? new("GRU", hidden, null, source, ofInput, ofHidden) : null;
    }

    /// <summary>candidate = tanh(x · W + σ(r) · (h · R + b)).</summary>
    private static RecurrentCell? ResetBehind(LoopBody body, LoopVariable hidden, LinearSum updates, string candidate)
    {
        if (body.Producer(candidate, "Add") is not { } sum)
            return null;
        foreach (string[] sides in new string[][] { [sum.Inputs[0], sum.Inputs[1]], [sum.Inputs[1], sum.Inputs[0]] })
        {
            if (LinearSum.Of(body, sides[0]) is not { } ofInput || Sides(body, sides[1]) is not { Length: 2 } factors)
                continue;
            int product = Array.FindIndex(factors, factor => LinearSum.Of(body, factor)?.Terms is { Count: 1 } terms && terms.ContainsKey(body.Resolve(hidden.Name)));
            if (product < 0 || Sigmoid(body, factors[1 - product]) is not { } resets || LinearSum.Of(body, factors[product]) is not { } behind)
                continue;
            if (Divided(body, [updates, resets], hidden) is not var (source, inputs, hiddens) || ofInput.Terms.Count != 1 || !ofInput.Terms.TryGetValue(source, out float[]? weights))
                continue;
            return new("GRU", hidden, null, source, [.. inputs, new(weights, ofInput.Bias)], [.. hiddens, new(behind.Terms.Values.Single(), behind.Bias)], IsResetBehind: true);
        }
        return null;
    }

    /// <summary>Sums of gates taken apart into what they add up of the input and of the hidden state; the bias goes with the input.</summary>
    private static (string Input, Gate[] OfInput, Gate[] OfHidden)? Divided(LoopBody body, LinearSum?[] gates, LoopVariable hidden)
    {
        string state = body.Resolve(hidden.Name);
        if (Array.Exists(gates, gate => gate is null || gate.Terms.Count != 2 || !gate.Terms.ContainsKey(state) || gate.Columns != gates[0]?.Columns))
            return null;
        string[] sources = [.. gates.Select(gate => gate!.Terms.Keys.Single(source => source != state)).Distinct(StringComparer.Ordinal)];
        int size = gates[0]!.Columns;
        bool isSquare = Array.TrueForAll(gates, gate => gate!.Terms[state].Length == size * size);
        if (sources.Length != 1 || !isSquare)
            return null;
        return (sources[0], [.. gates.Select(gate => new Gate(gate!.Terms[sources[0]], gate.Bias))], [.. gates.Select(gate => new Gate(gate!.Terms[state], new float[size]))]);
    }

    /// <summary>The sum under a sigmoid, which may be a part of one that was taken of several gates at once.</summary>
    private static LinearSum? Sigmoid(LoopBody body, string name) => body.Producer(name) switch
    {
        { Op: "Sigmoid" } gate => LinearSum.Of(body, gate.Inputs[0]),
        { Op: "Split" } split when body.Producer(split.Inputs[0], "Sigmoid") is { } gates => LinearSum.Of(body, gates.Inputs[0])?.Part(body.Port(name), split.Outputs.Count),
        _ => null,
    };

    private static string[] Sides(LoopBody body, string product) => [.. body.Producer(product, "Mul")?.Inputs ?? []];

    /// <summary>The other factor of a product, or null.</summary>
    private static string? Beside(LoopBody body, string product, string factor)
    {
        string[] sides = Sides(body, product);
        int place = Array.FindIndex(sides, side => body.IsSame(side, factor));
        return place < 0 ? null : sides[1 - place];
    }

    private static (OnnxNode? First, OnnxNode? Second) Factors(LoopBody body, string product, string first, string second)
    {
        string[] sides = Sides(body, product);
        return (sides.Select(side => body.Producer(side, first)).FirstOrDefault(node => node is not null), sides.Select(side => body.Producer(side, second)).FirstOrDefault(node => node is not null));
    }

    private static bool IsOne(LoopBody body, string name) => body.Floats(name) is { ElementCount: 1 } constant && constant.AsSpan<float>()[0].Equals(1f);
}

/// <summary>What a gate adds up: a matrix, row by row, and a bias.</summary>
internal sealed record Gate(float[] Matrix, float[] Bias);
