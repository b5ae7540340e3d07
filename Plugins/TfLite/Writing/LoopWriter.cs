using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>
/// Writes loops as WHILE. Constants that no iteration changes are constants of its subgraphs. A dimension that an iteration changes is free; lists whose elements have no shape get the one of the
/// elements that the body sets.
/// </summary>
internal static class LoopWriter
{
    private const int MostWritings = 6;

    /// <param name="node">The node that the loop is written for.</param>
    /// <param name="initial">The variables before the loop.</param>
    /// <param name="condition">Tells from the variables whether another iteration follows.</param>
    /// <param name="body">Computes the variables of the next iteration.</param>
    /// <returns>The variables after the loop.</returns>
    public static TensorDraft[] Write(NodeWriter node, IReadOnlyList<TensorDraft> initial, LoopScope condition, LoopScope body)
    {
        ModelWriter model = node.Subgraph.Model;
        TensorDraft[] variables = [.. initial];
        bool[] isConstant = [.. initial.Select((value, i) => value.Constant is not null && body.Keeps(i))];
        int[][][] shapes = [.. variables.Select(value => value.Shapes)];
        for (int writing = 0; writing < MostWritings; writing++)
        {
            int before = model.Subgraphs.Count;
            var (index, results) = model.Subgraph(body, Arguments(variables, shapes, isConstant), isConstant);
            if (!Widen(node, variables, shapes, isConstant, results))
                return Finish(node, variables, shapes, isConstant, condition, index);
            model.Forget(before);
        }
        throw node.Decline("the shapes of its variables change from an iteration to the next");
    }

    private static TensorDraft[] Arguments(TensorDraft[] variables, int[][][] shapes, bool[] isConstant) =>
    [
        .. variables.Select((value, i) => isConstant[i] ? value : new TensorDraft(value.Name, value.Type) { Shapes = shapes[i], Quantization = value.Quantization, ElementCount = value.ElementCount }),
    ];

    /// <summary>Takes over what an iteration has shown of shapes.</summary>
    /// <returns>True when the body must be written again.</returns>
    private static bool Widen(NodeWriter node, TensorDraft[] variables, int[][][] shapes, bool[] isConstant, IReadOnlyList<TensorDraft> results)
    {
        bool isChanged = false;
        for (int i = 0; i < variables.Length; i++)
        {
            if (isConstant[i])
                continue;
            TensorDraft result = results[i];
            if (result.Type != variables[i].Type)
                throw node.Decline($"variable {i} is of {variables[i].Type.Name()} before and of {result.Type.Name()} after an iteration");
            if (variables[i].ElementCount is not null)
            {
                if (result.ElementCount is not null)
                    throw node.Decline("a list's elements have no shape, and no iteration sets one", "Give the list an element shape.");
                variables[i] = Filled(node, variables[i], result, [.. variables.Where((_, other) => other != i)]);
                shapes[i] = variables[i].Shapes;
                isChanged = true;
                continue;
            }
            if (result.Rank != shapes[i][0].Length)
                throw node.Decline($"variable {i} has {shapes[i][0].Length} dimensions before and {result.Rank} after an iteration");
            int[][] common = ShapeRules.Common(shapes[i], result.Shapes);
            isChanged |= !common[0].SequenceEqual(shapes[i][0]) || !common[1].SequenceEqual(shapes[i][1]);
            shapes[i] = common;
        }
        return isChanged;
    }

    /// <summary>Zeros in the place of a list whose element shape is that of what an iteration sets. Free dimensions are taken from another variable at run time.</summary>
    private static TensorDraft Filled(NodeWriter node, TensorDraft list, TensorDraft set, TensorDraft[] others)
    {
        if (set.Shape.AsSpan(1).SequenceEqual(set.Shapes[1].AsSpan(1)))
            return ListZeros.Of(node, list, [.. set.Shape[1..].Select(size => (long)size)]);
        List<TensorDraft?> sizes = [node.Emit("RESHAPE", [list.ElementCount!, node.Int32Constant([1])])];
        for (int axis = 1; axis < set.Rank; axis++)
            sizes.Add(set.Shape[axis] == set.Shapes[1][axis] ? node.Int32Constant([set.Shape[axis]]) : FreeSize(node, others));
        TensorDraft dimensions = node.Emit("CONCATENATION", sizes, ("axis", 0));
        return ListZeros.Of(node, list, dimensions, [.. list.Shapes.Select((shape, world) => (int[])[shape[0], .. set.Shapes[world][1..]])]);
    }

    private static TensorDraft FreeSize(NodeWriter node, TensorDraft[] variables)
    {
        foreach (TensorDraft variable in variables.Where(variable => variable.ElementCount is null))
        {
            int axis = Array.FindIndex(variable.Shape.Zip(variable.Shapes[1]).ToArray(), size => size is (1, 2));
            if (axis < 0)
                continue;
            TensorDraft shape = node.Emit("SHAPE", [variable], TensorType.Int32, ("out_type", (int)TensorType.Int32));
            return node.Emit("STRIDED_SLICE", [shape, node.Int32Constant([axis]), node.Int32Constant([axis + 1]), node.Int32Constant([1])]);
        }
        throw node.Decline("the size of a list's elements is not known before the run", "Give the graph's input a fixed batch.");
    }

    private static TensorDraft[] Finish(NodeWriter node, TensorDraft[] variables, int[][][] shapes, bool[] isConstant, LoopScope condition, int body)
    {
        ModelWriter model = node.Subgraph.Model;
        SubgraphDraft iteration = model.Subgraphs[body];
        TensorDraft[] results = [.. iteration.Outputs.Where((_, i) => !isConstant[i])];
        iteration.Outputs.Clear();
        iteration.Outputs.AddRange(results);
        Separate(iteration);
        var (test, _) = model.Subgraph(condition, Arguments(variables, shapes, isConstant), isConstant);
        int[] carried = [.. Enumerable.Range(0, variables.Length).Where(i => !isConstant[i])];
        List<TensorDraft> outputs = node.EmitMany("WHILE", [.. carried.Select(i => variables[i])], [.. carried.Select(i => variables[i].Type)], ("cond_subgraph_index", test), ("body_subgraph_index", body));
        var after = variables.ToArray();
        for (int i = 0; i < carried.Length; i++)
        {
            outputs[i].Shapes = shapes[carried[i]];
            outputs[i].Quantization = variables[carried[i]].Quantization;
            after[carried[i]] = outputs[i];
        }
        return after;
    }

    /// <summary>Interpreters copy results to arguments one after the other: a result that is another argument, or is given twice, is a tensor of its own.</summary>
    private static void Separate(SubgraphDraft body)
    {
        for (int i = 0; i < body.Outputs.Count; i++)
        {
            TensorDraft result = body.Outputs[i];
            bool isOther = result.IsInput && body.Inputs[i] != result;
            if (isOther || result.Constant is not null || body.Outputs.IndexOf(result) < i)
                body.Outputs[i] = GraphWriter.Copy(body, result);
        }
    }
}
