using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Products of matrices.</summary>
internal static partial class Products
{
    [Infers("MatMul")]
    public static void InferMatMul(NodeInference node)
    {
        node.RequireSameType(0, 1);
        node.Set(node[0].Type, MatMulShape(node, node[0].Shape, node[1].Shape));
    }

    [Infers("MatMulInteger")]
    public static void InferMatMulInteger(NodeInference node) => node.Set(DataType.Int32, MatMulShape(node, node[0].Shape, node[1].Shape));

    [Infers("FusedMatMul", Domain = "com.microsoft")]
    public static void InferFusedMatMul(NodeInference node) =>
        node.Set(node[0].Type, MatMulShape(node, Swapped(node[0].Shape, node.Flag("transA")), Swapped(node[1].Shape, node.Flag("transB"))));

    private static TensorShape Swapped(TensorShape shape, bool swaps) =>
        swaps && shape.Rank >= 2 ? TensorShape.Of([.. shape.Dimensions.Take(shape.Rank - 2), shape[shape.Rank - 1], shape[shape.Rank - 2]]) : shape;

    /// <summary>Shape of a product; a vector is a row on the left, a column on the right, and its dimension goes.</summary>
    public static TensorShape MatMulShape(NodeInference node, TensorShape left, TensorShape right)
    {
        if (left.IsUnknownRank || right.IsUnknownRank)
            return TensorShape.Unknown;
        if (left.Rank == 0 || right.Rank == 0)
            throw OnnxDiagnostics.Mismatch("a scalar has no matrix product");
        TensorShape a = left.Rank == 1 ? TensorShape.Of(1, left[0]) : left;
        TensorShape b = right.Rank == 1 ? TensorShape.Of(right[0], 1) : right;
        long inner = a[a.Rank - 1];
        long other = b[b.Rank - 2];
        if (inner >= 0 && other >= 0 && inner != other)
            throw OnnxDiagnostics.Mismatch($"matrices of shapes {left} and {right} have no product");
        TensorShape batch = node.Broadcast(TensorShape.Of([.. a.Dimensions.Take(a.Rank - 2)]), TensorShape.Of([.. b.Dimensions.Take(b.Rank - 2)]));
        List<long> dimensions = [.. batch.Dimensions];
        if (left.Rank > 1)
            dimensions.Add(a[a.Rank - 2]);
        if (right.Rank > 1)
            dimensions.Add(b[b.Rank - 1]);
        return TensorShape.Of([.. dimensions]);
    }

    [Infers("Gemm")]
    public static void InferGemm(NodeInference node)
    {
        node.RequireSameType(0, 1);
        node.RequireRank(0, 2);
        node.RequireRank(1, 2);
        TensorShape a = Swapped(node[0].Shape, node.Flag("transA"));
        TensorShape b = Swapped(node[1].Shape, node.Flag("transB"));
        if (a.Rank == 2 && b.Rank == 2)
            MatMulShape(node, a, b);
        node.Set(node[0].Type, TensorShape.Of(a.IsUnknownRank ? -1 : a[0], b.IsUnknownRank ? -1 : b[1]));
    }

    [Infers("Det")]
    public static void InferDet(NodeInference node) => node.Set(node[0].Type, node[0].Rank < 2 ? TensorShape.Unknown : TensorShape.Of([.. node[0].Shape.Dimensions.Take(node[0].Rank - 2)]));

    [Infers("Einsum")]
    public static void InferEinsum(NodeInference node)
    {
        string equation = Explicit(node.Text("equation"));
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        var sizes = new Dictionary<char, long>();
        TensorShape? ellipsis = null;
        if (terms.Length != node.Count)
            throw OnnxDiagnostics.Mismatch($"the equation '{equation}' is for {terms.Length} inputs");
        for (int i = 0; i < terms.Length; i++)
        {
            TensorShape shape = node[i].Shape;
            string letters = terms[i].Replace("...", "", StringComparison.Ordinal);
            if (shape.IsUnknownRank)
                continue;
            int free = shape.Rank - letters.Length;
            if (free < 0 || (free > 0 && letters.Length == terms[i].Length))
                throw OnnxDiagnostics.Mismatch($"the term '{terms[i]}' does not fit the shape {shape}");
            int before = terms[i].IndexOf("...", StringComparison.Ordinal) is >= 0 and var at ? at : letters.Length;
            for (int axis = 0; axis < letters.Length; axis++)
                sizes[letters[axis]] = Math.Max(shape[axis < before ? axis : axis + free], sizes.GetValueOrDefault(letters[axis], -1));
            if (letters.Length < terms[i].Length)
                ellipsis = node.Broadcast(ellipsis ?? TensorShape.Scalar, TensorShape.Of([.. shape.Dimensions.Skip(before).Take(free)]));
        }
        var dimensions = new List<long>();
        foreach (char letter in sides[1].Replace("...", "*", StringComparison.Ordinal))
        {
            if (letter == '*')
                dimensions.AddRange(ellipsis?.Dimensions ?? []);
            else
                dimensions.Add(sizes.GetValueOrDefault(letter, -1));
        }
        bool isUnknown = Enumerable.Range(0, node.Count).Any(i => node[i].Shape.IsUnknownRank) && equation.Contains("...", StringComparison.Ordinal);
        node.Set(node[0].Type, isUnknown ? TensorShape.Unknown : TensorShape.Of([.. dimensions]));
    }

    /// <summary>The equation without blanks and with its right side: all letters that occur once, in their order.</summary>
    private static string Explicit(string equation)
    {
        equation = equation.Replace(" ", "", StringComparison.Ordinal);
        if (equation.Contains("->", StringComparison.Ordinal))
            return equation;
        IEnumerable<char> once = equation.Where(char.IsAsciiLetter).GroupBy(letter => letter).Where(group => group.Count() == 1).Select(group => group.Key).Order();
        return $"{equation}->{(equation.Contains("...", StringComparison.Ordinal) ? "..." : "")}{string.Concat(once)}";
    }

    [Reads("MatMul")]
    public static void ReadMatMul(NodeReader node)
    {
        bool areKnown = node.Info(0).Rank >= 0 && node.Info(1).Rank >= 0;
        if (areKnown)
            node.Set(0, MatMul(node, node[0], node.Rank(0), node[1], node.Rank(1)));
        else
            node.Result("BatchMatMulV2", [node[0], node[1]]);
    }

    [Reads("FusedMatMul", Domain = "com.microsoft")]
    public static void ReadFusedMatMul(NodeReader node)
    {
        if (node.Flag("transBatchA") || node.Flag("transBatchB") || node.Rank(0) < 2 || node.Rank(1) < 2)
            throw OnnxDiagnostics.Decline("transposed batches, and vectors");
        NodeInput product = node.Emit("BatchMatMulV2", [node[0], node[1]], ("adj_x", node.Flag("transA")), ("adj_y", node.Flag("transB")));
        node.Set(0, Scaled(node, product, node.Real("alpha", 1)));
    }

    /// <summary>A product of vectors, matrices or batches of them.</summary>
    public static NodeInput MatMul(NodeReader node, NodeInput left, int leftRank, NodeInput right, int rightRank)
    {
        if (leftRank == 2 && rightRank == 2)
            return node.Emit("MatMul", [left, right]);
        if (leftRank == 1)
            left = node.Emit("ExpandDims", [left, node.Int(0)]);
        if (rightRank == 1)
            right = node.Emit("ExpandDims", [right, node.Int(1)]);
        NodeInput product = leftRank <= 2 && rightRank <= 2 ? node.Emit("MatMul", [left, right]) : node.Emit("BatchMatMulV2", [left, right]);
        List<long> gone = [];
        if (leftRank == 1)
            gone.Add(-2);
        if (rightRank == 1)
            gone.Add(-1);
        return gone.Count == 0 ? product : node.Emit("Squeeze", [product], ("squeeze_dims", AttributeValue.Ints([.. gone])));
    }

    /// <summary>α·A·B + β·C. A constant factor of constant weights goes into them.</summary>
    [Reads("Gemm")]
    public static void ReadGemm(NodeReader node)
    {
        NodeInput product = node.Emit("MatMul", [node[0], node[1]], ("transpose_a", node.Flag("transA")), ("transpose_b", node.Flag("transB")));
        product = Scaled(node, product, node.Real("alpha", 1));
        if (!node.Has(2) || node.Real("beta", 1) == 0)
        {
            node.Set(0, product);
            return;
        }
        bool isBias = node.Info(2).Shape is { Rank: 1 } shape && shape[0] == (node.Output(0)?.Shape is { Rank: 2 } output ? output[1] : -2) && Tensors.IsFloat(node.TypeOf(0));
        NodeInput added = Scaled(node, node[2], node.Real("beta", 1));
        node.Result(isBias ? "BiasAdd" : "AddV2", [product, added]);
    }

    private static NodeInput Scaled(NodeReader node, NodeInput tensor, float factor) => factor == 1 ? tensor : node.Emit("Mul", [tensor, node.Scalar(node.TypeOf(0), factor)]);

    [Reads("Det")]
    public static void ReadDet(NodeReader node) => node.Result("MatrixDeterminant", [node[0]]);

    [Reads("Einsum")]
    public static void ReadEinsum(NodeReader node)
    {
        string equation = Explicit(node.Text("equation"));
        NodeInput[] inputs = node.All;
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        while (terms.Length > 2)
        {
            string rest = string.Concat(terms[2..]) + sides[1];
            string kept = string.Concat((terms[0] + terms[1]).Where(char.IsAsciiLetter).Distinct().Where(letter => rest.Contains(letter, StringComparison.Ordinal)));
            string pair = (terms[0] + terms[1]).Contains("...", StringComparison.Ordinal) ? "..." + kept : kept;
            NodeInput both = node.Emit("Einsum", [inputs[0], inputs[1]], ("equation", $"{terms[0]},{terms[1]}->{pair}"));
            inputs = [both, .. inputs[2..]];
            terms = [pair, .. terms[2..]];
        }
        node.Result("Einsum", inputs, ("equation", $"{string.Join(',', terms)}->{sides[1]}"));
    }
}
