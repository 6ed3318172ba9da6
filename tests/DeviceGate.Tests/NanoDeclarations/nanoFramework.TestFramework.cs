// Declarations only, see README.md.
using System;

namespace nanoFramework.TestFramework
{
    public class TestClassAttribute : Attribute { }

    public class TestMethodAttribute : Attribute { }

    public sealed class Assert
    {
        public static void AreEqual(int expected, int actual, string message = "") { }
        public static void AreEqual(string expected, string actual, string message = "") { }
        public static void IsTrue(bool condition, string message = "") { }
        public static void IsNull(object value, string message = "") { }
        public static void ThrowsException(Type exceptionType, Action action, string message = "") { }
    }
}
