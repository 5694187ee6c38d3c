# Finds the JDK that Henge builds and runs with. Sourced by ./mvnw and ./henge; POSIX sh.
#
# find_jdk prints the home of a JDK 25 or newer, the first of: JAVA_HOME, the java on the PATH, the usual
# places. Versions are read from the `release` file that every JDK has, so that no JVM is started to look.

HENGE_JAVA_VERSION=25

# jdk_version HOME: the feature version (17, 25, ...) of the JDK there; nothing when it is none.
jdk_version() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9]*\).*/\1/p' "$1/release"
}

# jdk_fits HOME: whether Henge can be built and run with it.
jdk_fits() {
  jdk_fits_version=$(jdk_version "$1")
  [ -n "$jdk_fits_version" ] && [ "$jdk_fits_version" -ge "$HENGE_JAVA_VERSION" ]
}

# resolve_link FILE: the file that a chain of symbolic links ends at. Not every system has readlink -f.
resolve_link() {
  resolve_link_file=$1
  while [ -h "$resolve_link_file" ]; do
    resolve_link_target=$(readlink "$resolve_link_file")
    case $resolve_link_target in
      /*) resolve_link_file=$resolve_link_target ;;
      *) resolve_link_file=$(dirname "$resolve_link_file")/$resolve_link_target ;;
    esac
  done
  printf '%s\n' "$resolve_link_file"
}

# jdk_candidates: homes worth a look, one a line, the best first. HENGE_JDK_ROOTS names the folders to search
# instead of the usual ones.
jdk_candidates() {
  [ -n "${JAVA_HOME:-}" ] && printf '%s\n' "$JAVA_HOME"
  jdk_candidates_java=$(command -v java || true)
  if [ -n "$jdk_candidates_java" ]; then
    dirname "$(dirname "$(resolve_link "$jdk_candidates_java")")"
  fi
  if [ -n "${HENGE_JDK_ROOTS+set}" ]; then
    for jdk_candidates_root in $HENGE_JDK_ROOTS; do
      ls -d "$jdk_candidates_root"/*/ 2>/dev/null
    done
    return 0
  fi
  ls -d /usr/lib/jvm/*/ /usr/java/*/ /opt/*/ /opt/java/*/ \
    "${SDKMAN_DIR:-$HOME/.sdkman}"/candidates/java/*/ "$HOME"/.jdks/*/ "$HOME"/.local/share/mise/installs/java/*/ \
    "$HOME"/.asdf/installs/java/*/ \
    /Library/Java/JavaVirtualMachines/*/Contents/Home/ "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home/ \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home/ \
    /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home/ 2>/dev/null
}

# find_jdk: prints the home of the JDK to use; fails when there is none.
find_jdk() {
  jdk_candidates | {
    while IFS= read -r find_jdk_home; do
      if jdk_fits "${find_jdk_home%/}"; then
        printf '%s\n' "${find_jdk_home%/}"
        exit 0
      fi
    done
    exit 1
  }
}

# What to tell a person who has none.
no_jdk_message="Henge needs a JDK $HENGE_JAVA_VERSION or newer to build and run; install Temurin $HENGE_JAVA_VERSION or your system's openjdk-$HENGE_JAVA_VERSION package, or set JAVA_HOME to one."
