namespace TransformFramework.Toolkit.Protobuf;

// The contract compiles the codec's sources for itself, where these types are internal; here they are public.
public partial struct FieldCollector;

public static partial class NameCache;

public ref partial struct WireReader;

public static partial class WireSize;

public partial class WireWriter;
