using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Loops as functional While nodes, and the tensor lists that go through them.</summary>
internal static class LoopOps
{
    /// <summary>A loop over variables; tensors of the graph around that the functions read go in as loop invariants.</summary>
    /// <param name="graph">The graph around.</param>
    /// <param name="initial">Values before the first step.</param>
    /// <param name="condition">True while there is a step to do.</param>
    /// <param name="step">The variables after a step, of the same types and, where known, shapes.</param>
    /// <returns>The variables after the loop.</returns>
    public static ImmutableArray<Symbol> While(
        this GraphBuilder graph, ImmutableArray<Symbol> initial, Func<GraphBuilder, ImmutableArray<Symbol>, Symbol> condition, Func<GraphBuilder, ImmutableArray<Symbol>, ImmutableArray<Symbol>> step)
    {
        GraphBuilder test = graph.OpenBody();
        ImmutableArray<Symbol> testArguments = Arguments(test, initial);
        Symbol goesOn = condition(test, testArguments);
        GraphBuilder body = graph.OpenBody();
        ImmutableArray<Symbol> bodyArguments = Arguments(body, initial);
        ImmutableArray<Symbol> results = step(body, bodyArguments);
        ImmutableArray<Symbol> captured = [.. body.Captured.Concat(test.Captured).DistinctBy(symbol => symbol.Source.Text)];
        string name = graph.NameFor("while");
        string testName = test.Finish(name.Replace('/', '_') + "_cond", testArguments, captured, [goesOn]);
        ImmutableArray<Symbol> invariants = [.. captured.Select(body.Own)];
        string bodyName = body.Finish(name.Replace('/', '_') + "_body", bodyArguments, captured, [.. results, .. invariants]);
        ImmutableArray<Symbol> inputs = [.. initial, .. captured];
        ImmutableArray<TensorShape> shapes = [.. initial.Select((symbol, i) => Axes.Merge(symbol.Shape, results[i].Shape)), .. captured.Select(symbol => symbol.Shape)];
        return graph.AddMany("StatelessWhile", "while", shapes, inputs,
            ("cond", new FunctionValue(testName, AttributeMap.Empty)), ("body", new FunctionValue(bodyName, AttributeMap.Empty)),
            ("output_shapes", new ListValue([.. shapes.Select(shape => (AttributeValue)shape)])), ("parallel_iterations", 32))[..initial.Length];
    }

    /// <summary>The slices of a tensor along its first axis as a list.</summary>
    public static Symbol ListOf(this GraphBuilder graph, Symbol x, string name = "TensorArrayUnstack/TensorListFromTensor") =>
        graph.Add("TensorListFromTensor", name, TensorShape.Scalar, [x, ElementShape(graph, name, x.Shape.Remove(0))], ("element_dtype", x.Type), ("shape_type", DataType.Int32));

    /// <summary>A list of empty elements.</summary>
    public static Symbol Reserve(this GraphBuilder graph, TensorShape element, DataType type, Dimension count, string name = "TensorArrayV2_1") =>
        graph.Add("TensorListReserve", name, TensorShape.Scalar, [ElementShape(graph, name, element), count.Value ?? graph.Int(name + "/num_elements", count.Size)], ("element_dtype", type), ("shape_type", DataType.Int32));

    /// <summary>An element of a list.</summary>
    public static Symbol GetItem(this GraphBuilder graph, Symbol list, Symbol index, TensorShape element, DataType type, string name = "TensorArrayV2Read/TensorListGetItem") =>
        graph.Add("TensorListGetItem", name, element, [list, index, ElementShape(graph, name, element)], ("element_dtype", type));

    /// <summary>The list with an element set.</summary>
    public static Symbol SetItem(this GraphBuilder graph, Symbol list, Symbol index, Symbol value, string name = "TensorArrayV2Write/TensorListSetItem") =>
        graph.Add("TensorListSetItem", name, TensorShape.Scalar, [list, index, value], ("element_dtype", value.Type));

    /// <summary>The elements of a list as one tensor.</summary>
    public static Symbol StackList(this GraphBuilder graph, Symbol list, TensorShape element, DataType type, long count, string name = "TensorArrayV2Stack/TensorListStack") =>
        graph.Add("TensorListStack", name, element.Insert(0, count), [list, ElementShape(graph, name, element)], ("element_dtype", type), ("num_elements", count));

    private static Symbol ElementShape(GraphBuilder graph, string name, TensorShape element) => graph.Ints(name + "/element_shape", element.Dimensions);

    private static ImmutableArray<Symbol> Arguments(GraphBuilder body, ImmutableArray<Symbol> initial) =>
        [.. initial.Select((symbol, i) => body.Argument(string.Create(CultureInfo.InvariantCulture, $"loop_{i}"), symbol.Type, symbol.Shape))];
}
