namespace TransformFramework.Toolkit.GraphDefs;

// The contract compiles these sources for itself, where these types are internal; here they are public.
public static partial class AttributeWire;

public static partial class ListWire;

public static partial class ShapeWire;

public readonly partial record struct TensorElements;

public static partial class TensorReader;

public static partial class TensorWire;
